// What is in place of tierbot's messages where it isn't installed: the way to add it.
import { useState } from "react";
import { Messages } from "./messages.jsx";

const OFF = () => undefined;

export function NotInstalled({ world, ask, messages, search, place, dismiss }) {
  const [link, setLink] = useState("");
  const name = world.workspaces.find((each) => each.team === world.workspace)?.name;
  const add = async () => {
    const answer = await ask({ do: "invite" });
    if (!answer.link) return;
    setLink(answer.link);
    window.open(answer.link, "_blank");
  };
  return (
    <>
      <section className="not-installed" aria-label="tierbot isn't installed">
        <h3>tierbot isn't installed in the Slack of {name}</h3>
        <p>Your CAM has sent you an invitation to add it. Then ask to be linked: tierbot shows nothing to anyone who isn't.</p>
        <div className="actions">
          <button type="button" className="button primary" onClick={add}>
            Add to Slack
          </button>
        </div>
        {link && (
          <p>
            Go on in the new tab, or <a href={link} target="_blank" rel="noreferrer">open the invitation</a>.
          </p>
        )}
      </section>
      {messages.length > 0 && <Messages messages={messages} act={OFF} search={search} place={place} openThread={OFF} type={OFF} dismiss={dismiss} />}
    </>
  );
}
