// The frames around blocks: a message in a channel, a window, the Home tab.
import { Blocks } from "./blocks.jsx";

export function MessageInChannel({ blocks, files, command, who }) {
  return (
    <div className="surface message">
      {command && (
        <div className="typed">
          <span className="who">{who}</span> typed <code>{command}</code>
        </div>
      )}
      <div className="only-you">👁 Only visible to you</div>
      <div className="row">
        <div className="avatar">t</div>
        <div className="content">
          <div className="from">
            <b>tierbot</b> <span className="app">APP</span> <span className="time">9:41 AM</span>
          </div>
          <Blocks blocks={blocks} files={files} />
        </div>
      </div>
    </div>
  );
}

export function Modal({ blocks, files, title, submit, close }) {
  return (
    <div className="surface modal">
      <div className="bar">
        <div className="avatar small">t</div>
        <b>{title}</b>
        <span className="x">✕</span>
      </div>
      <div className="body">
        <Blocks blocks={blocks} files={files} />
      </div>
      <div className="foot">
        <span className="plain">{close ?? "Close"}</span>
        {submit && <span className="primary">{submit}</span>}
      </div>
    </div>
  );
}

export function HomeTab({ blocks, files }) {
  return (
    <div className="surface home">
      <div className="head">
        <div className="avatar">t</div>
        <b>tierbot</b>
        <span className="tab on">Home</span>
        <span className="tab">Messages</span>
        <span className="tab">About</span>
      </div>
      <div className="body">
        <Blocks blocks={blocks} files={files} />
      </div>
    </div>
  );
}
