// data_table: the first page of a table, numbers to the right, buttons in cells.
export function DataTable({ block }) {
  const [head, ...rows] = block.rows;
  const shown = rows.slice(0, block.page_size ?? 5);
  return (
    <div className="data-table">
      <table>
        <caption>{block.caption}</caption>
        <thead>
          <tr>
            {head.map((cell, at) => (
              <th key={at} className={rows[0]?.[at]?.type === "raw_number" ? "number" : ""}>
                {cell.text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, at) => (
            <tr key={at}>{row.map((cell, column) => Cell(cell, column))}</tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && (
        <div className="pages">
          1–{shown.length} of {rows.length} ‹ ›
        </div>
      )}
    </div>
  );
}

function Cell(cell, key) {
  if (cell.type === "action_cell") {
    return (
      <td key={key}>
        <span className="button">{cell.element.text.text}</span>
      </td>
    );
  }
  return (
    <td key={key} className={cell.type === "raw_number" ? "number" : ""}>
      {cell.text}
    </td>
  );
}
