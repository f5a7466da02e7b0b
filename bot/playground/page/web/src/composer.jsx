// The command field: suggests commands with their usage, arrow keys choose among them or recall earlier ones. Files that
// are attached go with what is written.
import { useEffect, useRef, useState } from "react";

export function Composer({ commands, place, type, share, attached, attach, setAttached }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [closed, setClosed] = useState(false);
  const [before, setBefore] = useState([]);
  const [back, setBack] = useState(0);
  const field = useRef(null);
  const chosen = useRef(null);
  useEffect(() => {
    if (document.activeElement?.tagName !== "SELECT") field.current?.focus(); // don't take the focus from the list of people
  }, [place.id]);
  const [word, ...rest] = text.split(" ");
  const known = text.startsWith("/") && !closed ? commands.filter((each) => (rest.length ? each.command === word : each.command.startsWith(word))) : [];
  const offered = rest.length ? [] : known;
  const usage = rest.length ? known[0] : null;

  const take = (command) => (setText(`${command} `), setAt(0), field.current?.focus());
  const submit = async (event) => {
    event.preventDefault();
    const said = text.trim();
    if (!said && !attached.length) return;
    if (said) setBefore([said, ...before].slice(0, 50));
    setBack(0);
    setText("");
    setAttached([]);
    const answer = await (attached.length ? share(attached, said) : type(said));
    if (!answer.error) return;
    setText((typed) => typed || said); // restore it, so that it can be corrected
    attach(attached);
  };
  const recall = (step) => {
    const to = Math.max(0, Math.min(before.length, back + step));
    setBack(to);
    setText(to ? before[to - 1] : "");
    setClosed(true);
  };
  const key = (event) => {
    const list = offered.length > 0 && !offered.some((each) => each.command === event.target.value.trim());
    if (event.key === "ArrowDown") (event.preventDefault(), list ? setAt((at + 1) % offered.length) : recall(-1));
    else if (event.key === "ArrowUp") (event.preventDefault(), list ? setAt((at + offered.length - 1) % offered.length) : recall(1));
    else if (event.key === "Escape") setClosed(true);
    else if (list && (event.key === "Tab" || event.key === "Enter")) (event.preventDefault(), take(offered[Math.min(at, offered.length - 1)].command));
  };
  return (
    <form className="composer" onSubmit={submit}>
      {offered.length > 0 && (
        <ul className="commands" role="listbox" id="commands" aria-label="Commands">
          {offered.map((each, index) => (
            <li key={each.command} id={`command-${index}`} role="option" aria-selected={index === at} onMouseDown={(event) => (event.preventDefault(), take(each.command))}>
              <b>{each.command}</b> <span className="usage">{each.usage}</span>
              <span className="does">{each.does}</span>
            </li>
          ))}
        </ul>
      )}
      {usage && (
        <div className="commands one">
          <b>{usage.command}</b> <span className="usage">{usage.usage}</span>
          <span className="does">{usage.does}</span>
        </div>
      )}
      {attached.length > 0 && (
        <ul className="attached" aria-label="Attached files">
          {attached.map((file, index) => (
            <li key={index} className="shared">
              📄 {file.name}{" "}
              <button type="button" aria-label={`Remove ${file.name}`} onClick={() => setAttached(attached.filter((_, other) => other !== index))}>
                ✕
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        ref={field}
        type="text"
        value={text}
        role="combobox"
        aria-expanded={offered.length > 0}
        aria-controls="commands"
        aria-activedescendant={offered.length ? `command-${at}` : undefined}
        aria-label={`Message ${place.app ? "tierbot" : `#${place.name}`}: type a command`}
        placeholder={attached.length ? "Write what belongs to the files, or send them as they are" : "Type / for the commands"}
        autoComplete="off"
        onChange={(event) => (setText(event.target.value), setAt(0), setClosed(false))}
        onKeyDown={key}
      />
      {place.app && (
        <>
          <input ref={chosen} type="file" multiple hidden aria-label="Files for tierbot" onChange={(event) => (attach([...event.target.files]), (event.target.value = ""), field.current?.focus())} />
          <button type="button" className="button" onClick={() => chosen.current.click()}>
            Attach files
          </button>
        </>
      )}
      <button type="submit" className="button primary" disabled={!text.trim() && !attached.length}>
        Send
      </button>
    </form>
  );
}
