// A channel from top to bottom, a line where another day begins, threads beside it.
import { useEffect, useRef } from "react";
import { Pane } from "./pane.jsx";
import { Message } from "./surfaces.jsx";

const FIRST = ["/tier", "/gap", "/expiring", "/clients", "/progress"];

export function Messages({ messages, act, place, openThread, type, dismiss }) {
  const box = useRef(null);
  const shown = messages.filter((each) => !each.thread);
  const last = messages.at(-1)?.ts;
  useEffect(() => {
    const newest = box.current?.lastElementChild;
    newest?.scrollIntoView({ block: newest.offsetHeight > box.current.clientHeight ? "start" : "end" });
  }, [last, messages.length]);
  const replies = (ts) => messages.filter((each) => each.thread === ts).length;
  return (
    <div ref={box} className="messages" role="log" aria-label={place.app ? "Messages with tierbot" : `Messages in ${place.name}`} tabIndex={0}>
      {!shown.length && <Beginning place={place} type={type} />}
      {shown.map((message, at) => (
        <div key={message.ts}>
          {message.day !== shown[at - 1]?.day && <DayLine day={message.day} />}
          <Message message={message} act={act} replies={replies(message.ts)} openThread={openThread} dismiss={dismiss} />
        </div>
      ))}
    </div>
  );
}

function Beginning({ place, type }) {
  return (
    <div className="empty">
      <p>{place.app ? "Digests and alerts arrive here by themselves; let a week pass above." : "Nothing was said here yet."} Ask:</p>
      <div className="actions">
        {FIRST.map((line) => (
          <button key={line} type="button" className="button" onClick={() => type(line)}>
            {line}
          </button>
        ))}
      </div>
    </div>
  );
}

function DayLine({ day }) {
  const shown = new Date(`${day}T12:00:00Z`).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  return (
    <div className="day" role="separator" aria-label={shown}>
      <span>{shown}</span>
    </div>
  );
}

export function Thread({ root, messages, act, close }) {
  const shown = messages.filter((each) => each.ts === root || each.thread === root);
  return (
    <Pane kind="thread" name="Thread" close={close}>
      {shown.map((message) => (
        <Message key={message.ts} message={message} act={act} />
      ))}
    </Pane>
  );
}
