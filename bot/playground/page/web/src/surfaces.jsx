// The surfaces around blocks: a message in a channel, a modal, the Home tab.
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { Blocks } from "./blocks.jsx";
import { initial, Using } from "./using.js";

export const Message = memo(function Message({ message, act, search, files, replies = 0, openThread, dismiss }) {
  const using = useMemo(
    () => ({ act: (element, choice) => act(message, element, choice), search: (element, text) => search(message, element, text) }),
    [message, act, search],
  );
  if (message.typed) {
    return (
      <div className="typed">
        You typed <code>{message.typed}</code>
      </div>
    );
  }
  if (message.author) return <FromPerson message={message} />;
  return (
    <article className={`message${message.alone ? " alone" : ""}`} aria-label={`tierbot: ${message.text}`}>
      {message.alone && (
        <div className="only-you">
          👁 Only visible to you
          {dismiss && (
            <button type="button" className="quiet" onClick={() => dismiss(message.ts)}>
              Dismiss
            </button>
          )}
        </div>
      )}
      <div className="row">
        <div className="avatar" aria-hidden="true">
          t
        </div>
        <div className="content">
          <div className="from">
            <b>tierbot</b> <span className="app">APP</span>{" "}
            {message.at && <time>{message.at}</time>}
          </div>
          <Using.Provider value={using}>
            <Blocks blocks={message.blocks} files={files} />
          </Using.Provider>
          {message.blocks.length === 0 && <p>{message.text}</p>}
          {message.sent?.map(({ id, name }) => (
            <a key={id} className="shared" href={`/files/${id}`} download={name}>
              📄 {name}
            </a>
          ))}
          {replies > 0 && (
            <button type="button" className="thread-link" onClick={() => openThread(message.ts)}>
              {replies === 1 ? "1 reply" : `${replies} replies`}
            </button>
          )}
        </div>
      </div>
    </article>
  );
});

// What the person wrote to tierbot, with the files they dropped.
function FromPerson({ message }) {
  return (
    <article className="message" aria-label={`You: ${message.text} ${message.shared.join(", ")}`}>
      <div className="row">
        <div className="avatar" aria-hidden="true">
          {message.author.slice(0, 1)}
        </div>
        <div className="content">
          <div className="from">
            <b>{message.author}</b> {message.at && <time>{message.at}</time>}
          </div>
          {message.text && <p>{message.text}</p>}
          {message.shared.map((name) => (
            <div key={name} className="shared">
              📄 {name}
            </div>
          ))}
        </div>
      </div>
    </article>
  );
}

const isNothing = (value) => value === null || value.length === 0; // no option, no options, no text

// A modal. Its fields keep what was typed while the bot updates it; it reports required fields that are empty.
export function Window({ window: view, act, submit, search, close, files, depth = 1, trouble }) {
  const [values, setValues] = useState({});
  const [errors, setErrors] = useState({});
  const [busy, setBusy] = useState(false);
  const dialog = useRef(null);
  useEffect(() => {
    if (!dialog.current || dialog.current.open) return;
    dialog.current.showModal();
    dialog.current.querySelector(".body :is(input, select, textarea)")?.focus({ preventScroll: true });
  }, []);
  // Where a field is wrong, the first one is shown: it may be out of sight.
  useEffect(() => {
    const wrong = dialog.current?.querySelector(".field.wrong");
    wrong?.scrollIntoView({ block: "center" });
    wrong?.querySelector("input, select, textarea")?.focus({ preventScroll: true });
  }, [errors]);
  const held = (element) => (element.action_id in values ? values[element.action_id] : initial(element));
  const using = {
    act: (element, choice) => act({ where: "modal", view: view.view }, element, choice),
    value: held,
    search: (element, text) => search({ where: "modal", view: view.view }, element, text),
    set: (element, choice) => setValues((before) => ({ ...before, [element.action_id]: choice })),
    errors,
  };
  const inputs = view.blocks.filter((block) => block.type === "input");
  const missing = () =>
    Object.fromEntries(
      inputs
        .filter((block) => !block.optional && isNothing(held(block.element)))
        .map((block) => [block.block_id, "Please complete this required field."]),
    );
  const send = async (event) => {
    event.preventDefault();
    const wrong = missing();
    setErrors(wrong);
    if (Object.keys(wrong).length) return;
    setBusy(true);
    const filled = Object.fromEntries(inputs.map(({ element }) => [element.action_id, held(element)]));
    const answer = await submit(view, filled);
    setBusy(false);
    setErrors(answer.errors ?? {});
  };
  return (
    <dialog
      ref={dialog}
      className="modal"
      aria-label={view.title}
      onCancel={(event) => (event.preventDefault(), close(view))}
    >
      <form onSubmit={send}>
        <div className="bar">
          <div className="avatar small" aria-hidden="true">
            t
          </div>
          <h2>{view.title}</h2>
          <button type="button" className="x" aria-label="Close" onClick={() => close(view)}>
            ✕
          </button>
        </div>
        <div className="body">
          <Using.Provider value={using}>
            <Blocks blocks={view.blocks} files={files} />
          </Using.Provider>
        </div>
        {trouble && (
          <div className="trouble" role="alert">
            {trouble}
          </div>
        )}
        <div className="foot">
          {depth > 1 && <span className="depth">window {depth} of 3</span>}
          <button type="button" className="button" onClick={() => close(view)}>
            {view.close ?? (view.submit ? "Cancel" : "Close")}
          </button>
          {view.submit && (
            <button type="submit" className="button primary" disabled={busy}>
              {busy ? "…" : view.submit}
            </button>
          )}
        </div>
      </form>
    </dialog>
  );
}

export function HomeTab({ home, act, search, files }) {
  const using = useMemo(
    () => ({ act: (element, choice) => act({ where: "home" }, element, choice), search: (element, text) => search({ where: "home" }, element, text) }),
    [act, search],
  );
  if (!home) return <p className="empty">Opening Home …</p>;
  return (
    <div className="home">
      <div className="wide-enough">
        <Using.Provider value={using}>
          <Blocks blocks={home.blocks} files={files} />
        </Using.Provider>
      </div>
    </div>
  );
}
