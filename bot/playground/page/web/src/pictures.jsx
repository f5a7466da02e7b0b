// A single surface, for the documentation's screenshots: window.show takes {surface, blocks, title, submit, close, ...}.
import { createRoot } from "react-dom/client";
import { flushSync } from "react-dom";
import "slack-blocks-to-jsx/dist/style.css";
import "./shell.css";
import { HomeTab, Message, Window } from "./surfaces.jsx";
import { People } from "./using.js";

document.documentElement.dataset.theme = "light";
const root = createRoot(document.getElementById("root"));
const nothing = () => undefined;

function Surface({ surface, command, who, files, people, ...shown }) {
  const drawn = {
    message: () => (
      <div className="surface">
        {command && (
          <div className="typed">
            <b>{who}</b> typed <code>{command}</code>
          </div>
        )}
        <Message message={shown} act={nothing} files={files} />
      </div>
    ),
    home: () => (
      <div className="surface">
        <HomeTab home={shown} act={nothing} files={files} />
      </div>
    ),
    modal: () => <Window window={shown} act={nothing} submit={nothing} close={nothing} files={files} />,
  };
  return <People.Provider value={new Map(Object.entries(people ?? {}))}>{drawn[surface]()}</People.Provider>;
}

window.show = (shown) => flushSync(() => root.render(<Surface key={Math.random()} {...shown} />));
