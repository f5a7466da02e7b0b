// The inspector: requests between Slack and the bot, their times, and fault injection.
import { useEffect, useState } from "react";
import { entry } from "./live.js";
import { Pane } from "./pane.jsx";

export function Inspector({ journal, world, ask, close }) {
  const [open, setOpen] = useState(null);
  const [whole, setWhole] = useState(null);
  const [fault, setFault] = useState(world.faults[0]);
  const me = world.people.find((each) => each.key === world.me)?.name;
  useEffect(() => {
    setWhole(null);
    if (open !== null) entry(world.me, open).then(setWhole);
  }, [open, world.me]);
  return (
    <Pane kind="inspector" name="Inspector" close={close}>
      <form className="faults" onSubmit={(event) => (event.preventDefault(), ask({ do: "fault", name: fault }))}>
        <label>
          Make Slack fail next
          <select value={fault} onChange={(event) => setFault(event.target.value)}>
            {world.faults.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <button type="submit">Fail next call</button>
        <p className="hint">It affects the bot's next call to Slack: a window, a message or Home. Doesn't affect replies to commands.</p>
        {world.waiting.length > 0 && (
          <p>
            Waiting: {world.waiting.join(", ")}{" "}
            <button type="button" onClick={() => ask({ do: "fault", name: "none" })}>
              Clear
            </button>
          </p>
        )}
      </form>
      <p className="hint whose">Everyone's requests, as an operator sees them; more than {me} can see.</p>
      <ol className="journal" reversed>
        {[...journal].reverse().map((each) => (
          <li key={each.n}>
            <button type="button" className={each.error || each.fault ? "bad" : ""} aria-expanded={open === each.n} onClick={() => setOpen(open === each.n ? null : each.n)}>
              <span className="to">{each.to === "bot" ? "→ bot" : "← Slack API"}</span> <b>{each.name}</b> {each.about}
              <span className="figures">
                {each.fault ? `⚠ ${each.fault}` : each.error ? `⚠ ${each.error}` : each.status}
                {each.ms !== undefined && ` · ${each.ms} ms`}
              </span>
              <span className="when">
                {each.at} {each.who}
              </span>
            </button>
            {open === each.n && whole && <Whole whole={whole} />}
          </li>
        ))}
      </ol>
    </Pane>
  );
}

function Whole({ whole }) {
  return (
    <div className="whole">
      {whole.problems?.length > 0 && <p className="error">{whole.problems.join("; ")}</p>}
      <h3>{whole.to === "bot" ? "Request" : "Call"}</h3>
      <pre tabIndex={0}>{pretty(whole.payload)}</pre>
      <h3>Answer</h3>
      <pre tabIndex={0}>{pretty(whole.answer)}</pre>
    </div>
  );
}

function pretty(held) {
  if (typeof held !== "string") return JSON.stringify(held, null, 2);
  try {
    return JSON.stringify(JSON.parse(held), null, 2);
  } catch {
    return held || "(empty)";
  }
}
