// One surface of Slack, drawn from what window.show is given: {surface, blocks, title, submit, close, command, files}.
import { createRoot } from "react-dom/client";
import { flushSync } from "react-dom";
import "slack-blocks-to-jsx/dist/style.css";
import "./shell.css";
import { HomeTab, MessageInChannel, Modal } from "./surfaces.jsx";

const SURFACES = { message: MessageInChannel, modal: Modal, home: HomeTab };
const root = createRoot(document.getElementById("root"));

window.show = (shown) => {
  const Surface = SURFACES[shown.surface];
  flushSync(() => root.render(<Surface key={Math.random()} {...shown} />));
};
