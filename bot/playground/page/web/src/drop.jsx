// Import of your own files, dropped on the page or chosen: all are stored, or none and every bad cell is shown.
import { useCallback, useEffect, useRef, useState } from "react";
import { drop } from "./live.js";

const MOST = 200;
const TIERBOT = "tierbot";
const PAGE = "page";
const placeOf = (event) => (event.target.closest?.("[data-share]") ? TIERBOT : PAGE);

export function Drop({ files, setTrouble, attach }) {
  const [asking, setAsking] = useState(false);
  const [given, setGiven] = useState(null);
  const [report, setReport] = useState(null);
  const [over, setOver] = useState(null); // where files are held: over the messages with tierbot, or elsewhere
  const field = useRef(null);
  const offer = useCallback(
    (files) => {
      const found = sorted(files);
      setAsking(false);
      setGiven(found.csv.length ? found : null);
      setTrouble(found.csv.length ? "" : "There's no CSV or .xlsx file among them.");
    },
    [setTrouble],
  );
  useEffect(() => {
    const enter = (event) => event.dataTransfer?.types.includes("Files") && (event.preventDefault(), setOver(placeOf(event)));
    const leave = (event) => event.relatedTarget === null && setOver(null);
    const dropped = (event) => {
      event.preventDefault();
      setOver(null);
      const take = placeOf(event) === TIERBOT ? attach : offer;
      filesOf(event.dataTransfer).then(take);
    };
    addEventListener("dragover", enter);
    addEventListener("dragleave", leave);
    addEventListener("drop", dropped);
    return () => (removeEventListener("dragover", enter), removeEventListener("dragleave", leave), removeEventListener("drop", dropped));
  }, [offer, attach]);
  const bring = async (replace) => {
    setGiven(null);
    setReport({ busy: true });
    setReport(await drop(given.csv, replace));
  };
  return (
    <>
      <button type="button" onClick={() => setAsking(true)}>
        Import files
      </button>
      <input
        ref={field}
        type="file"
        accept=".csv,.xlsx,.xlsm"
        multiple
        hidden
        aria-label="CSV files"
        onChange={(event) => (offer([...event.target.files]), (event.target.value = ""))}
      />
      {over && <div className="over">{over === TIERBOT ? "Drop your files to attach them to a message to tierbot" : "Drop your CSV files to import them"}</div>}
      {asking && (
        <Asked title="Import your files" close={() => setAsking(false)} foot={<Press does={() => field.current.click()}>Choose files</Press>}>
          <p>Drop a folder or single files outside the messages, or choose them here. Files dropped on the messages with tierbot are attached to the message you write to it.</p>
          <p>
            {files.map((each, at) => (
              <span key={each}>
                {at > 0 && ", "}
                <code>{each}</code>
              </span>
            ))}
            . You don't need all of them. If a cell is wrong, nothing is stored and every problem is listed.
          </p>
        </Asked>
      )}
      {given && (
        <Asked
          title="Import your files"
          close={() => setGiven(null)}
          foot={
            <>
              <Press plain does={() => setGiven(null)}>
                Cancel
              </Press>
              <Press plain does={() => bring(true)}>
                Replace existing data
              </Press>
              <Press does={() => bring(false)}>Add to existing data</Press>
            </>
          }
        >
          <p>
            <b>{names(given.csv)}</b>
          </p>
          {given.others.length > 0 && <p>Left out because they are neither CSV nor .xlsx: {names(given.others)}.</p>}
          <p>
            <b>Add</b> adds new rows and updates existing ones. <b>Replace</b> also removes rows that aren't in these files.
          </p>
          <p>After that, the sample data no longer changes from day to day.</p>
        </Asked>
      )}
      {report && (
        <Asked
          title={report.busy ? "Importing …" : report.stored ? "Imported" : "Nothing was stored"}
          close={() => setReport(null)}
          foot={!report.busy && <Press does={() => setReport(null)}>Done</Press>}
        >
          {report.busy ? <progress aria-label="Importing" /> : <Report report={report} />}
        </Asked>
      )}
    </>
  );
}

function Press({ plain = false, does, children }) {
  return (
    <button type="button" className={plain ? "button" : "button primary"} onClick={does}>
      {children}
    </button>
  );
}

function Asked({ title, close, foot, children }) {
  const dialog = useRef(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} className="modal wide" aria-label={title} onCancel={close}>
      <div className="bar">
        <h2>{title}</h2>
        <button type="button" className="x" aria-label="Close" onClick={close}>
          ✕
        </button>
      </div>
      <div className="body">{children}</div>
      {foot && <div className="foot">{foot}</div>}
    </dialog>
  );
}

function Report({ report }) {
  if (report.error) return <p className="error">{report.error}</p>;
  if (report.problems.length) {
    return (
      <>
        <p>
          <b>
            {report.problems.length} {report.problems.length === 1 ? "problem" : "problems"}.
          </b>{" "}
          Nothing was stored. Fix the files and drop them again.
        </p>
        <Table
          head={["File", "Line", "Column", "Value", "Problem", "What to do"]}
          rows={report.problems.slice(0, MOST).map((each) => [each.file, each.line || "", each.column, clipped(each.value), each.what, each.next])}
        />
        {report.problems.length > MOST && <p>… and {report.problems.length - MOST} more.</p>}
      </>
    );
  }
  return (
    <>
      <Table
        head={["File", "Added", "Changed", "Same", "Removed"]}
        rows={Object.entries(report.files).map(([name, count]) => [name, count.added, count.changed, count.same, count.removed])}
      />
      {report.warnings.map((each) => (
        <p key={each}>⚠ {each}</p>
      ))}
    </>
  );
}

function Table({ head, rows }) {
  return (
    <div className="data-table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((each, column) => (
              <th key={each} scope="col" className={kind(rows[0]?.[column])}>
                {each}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((each, column) => (
                <td key={column} className={kind(each)}>
                  {typeof each === "number" ? each.toLocaleString("en-US") : each}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const kind = (cell) => (typeof cell === "number" ? "number" : "");
const clipped = (value) => (value?.length > 60 ? `${value.slice(0, 59)}…` : value);
const names = (files) => files.map((each) => each.name).join(", ");

function sorted(files) {
  const isCsv = (each) => /\.(csv|xlsx|xlsm)$/i.test(each.name);
  return { csv: files.filter(isCsv), others: files.filter((each) => !isCsv(each)) };
}

// The files of a drop, including those in folders.
async function filesOf(transfer) {
  const entries = [...transfer.items].map((each) => each.webkitGetAsEntry?.()).filter(Boolean);
  return entries.length ? (await Promise.all(entries.map(walked))).flat() : [...transfer.files];
}

async function walked(entry) {
  if (entry.isFile) return [await new Promise((give, fail) => entry.file(give, fail))];
  const reader = entry.createReader();
  const inside = [];
  for (;;) {
    const some = await new Promise((give, fail) => reader.readEntries(give, fail));
    if (!some.length) break;
    inside.push(...some);
  }
  return (await Promise.all(inside.filter((each) => each.isFile).map(walked))).flat();
}
