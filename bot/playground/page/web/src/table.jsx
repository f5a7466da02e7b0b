// data_table: one page of rows at a time, numbers right-aligned, buttons in cells.
import { useState } from "react";
import { Element } from "./elements.jsx";

const [SHORT, LONG] = [18, 40]; // characters: a date stays on one line, and a sentence gets room

export function DataTable({ block }) {
  const [start, setStart] = useState(0);
  const [head, ...rows] = block.rows;
  const size = block.page_size ?? 5;
  const from = Math.min(start, Math.max(0, Math.floor((rows.length - 1) / size) * size));
  const shown = rows.slice(from, from + size);
  const numeric = (column) => rows[0]?.[column]?.type === "raw_number";
  return (
    <div className="data-table" role="region" aria-label={block.caption} tabIndex={0}>
      <table>
        <caption>{block.caption}</caption>
        <thead>
          <tr>
            {head.map((cell, at) => (
              <th key={at} scope="col" className={numeric(at) ? "number" : ""}>
                {cell.text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, at) => (
            <tr key={from + at}>
              {row.map((cell, column) => (
                <Cell key={column} cell={cell} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > size && (
        <div className="pages">
          {from + 1}–{from + shown.length} of {rows.length}{" "}
          <button type="button" aria-label="Earlier rows" disabled={from === 0} onClick={() => setStart(from - size)}>
            ‹
          </button>{" "}
          <button type="button" aria-label="Later rows" disabled={from + size >= rows.length} onClick={() => setStart(from + size)}>
            ›
          </button>
        </div>
      )}
    </div>
  );
}

function Cell({ cell }) {
  if (cell.type === "action_cell") {
    return (
      <td>
        <Element element={cell.element} />
      </td>
    );
  }
  return <td className={cell.type === "raw_number" ? "number" : cell.text.length <= SHORT ? "short" : cell.text.length > LONG ? "long" : ""}>{cell.text}</td>;
}
