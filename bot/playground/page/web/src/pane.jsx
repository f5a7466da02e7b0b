// A pane next to the messages, with a title and a close button.
export function Pane({ kind, name, close, children }) {
  return (
    <aside className={kind} aria-label={name}>
      <div className="head">
        <h2>{name}</h2>
        <button type="button" aria-label={`Close the ${kind}`} onClick={close}>
          ✕
        </button>
      </div>
      {children}
    </aside>
  );
}
