// A channel's messages with a divider per day, and a thread next to them.
import { useEffect, useRef, useState } from "react";
import { Pane } from "./pane.jsx";
import { Message } from "./surfaces.jsx";

const FIRST = ["/tier", "/gap", "/expiring", "/clients", "/progress"];

export function Messages({ messages, act, search, place, openThread, type, dismiss, older }) {
  const { box, below, show, look } = useNewest(messages);
  const shown = messages.filter((each) => !each.thread);
  const replies = (ts) => messages.filter((each) => each.thread === ts).length;
  return (
    <div className="log">
      <div ref={box} className="messages" role="log" aria-label={place.app ? "Messages with tierbot" : `Messages in ${place.name}`} tabIndex={0} onScroll={look}>
        {older && <p className="empty">Older messages aren't shown.</p>}
        {!shown.length && <Beginning place={place} type={type} />}
        {shown.map((message, at) => (
          <div key={message.ts}>
            {message.day !== shown[at - 1]?.day && <DayLine day={message.day} />}
            <Message message={message} act={act} search={search} replies={replies(message.ts)} openThread={openThread} dismiss={dismiss} />
          </div>
        ))}
      </div>
      {below && (
        <button type="button" className="button below" onClick={show}>
          ↓ New messages
        </button>
      )}
    </div>
  );
}

// Scrolls to a new message if it is the person's own, or they were at the end; otherwise a button announces it.
function useNewest(messages) {
  const box = useRef(null);
  const atEnd = useRef(true);
  const [below, setBelow] = useState(false);
  const newest = messages.at(-1);
  const show = () => {
    const last = box.current?.lastElementChild;
    last?.scrollIntoView({ block: last.offsetHeight > box.current.clientHeight ? "start" : "end" });
    atEnd.current = true;
    setBelow(false);
  };
  const look = () => {
    const last = box.current.lastElementChild;
    atEnd.current = !last || last.getBoundingClientRect().top < box.current.getBoundingClientRect().bottom;
    if (atEnd.current) setBelow(false);
  };
  useEffect(() => {
    if (atEnd.current || newest?.typed || newest?.author || newest?.alone) show();
    else setBelow(true);
  }, [newest?.ts, messages.length]);
  useEffect(() => {
    const resized = new ResizeObserver(() => atEnd.current && show());
    resized.observe(box.current);
    return () => resized.disconnect();
  }, []);
  return { box, below, show, look };
}

function Beginning({ place, type }) {
  return (
    <div className="empty">
      <p>{place.app ? "Digests and alerts arrive here; press + week above to see them. Drop a CSV or Excel file here to import it (CAMs and admins)." : "No messages here yet."} Try:</p>
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

export function Thread({ root, messages, act, search, close }) {
  const shown = messages.filter((each) => each.ts === root || each.thread === root);
  return (
    <Pane kind="thread" name="Thread" close={close}>
      {shown.map((message, at) => (
        <div key={message.ts}>
          {message.day !== shown[at - 1]?.day && <DayLine day={message.day} />}
          <Message message={message} act={act} search={search} />
        </div>
      ))}
    </Pane>
  );
}
