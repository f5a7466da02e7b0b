// The page's entry point.
import { createRoot } from "react-dom/client";
import "slack-blocks-to-jsx/dist/style.css";
import "./shell.css";
import "./theme.js";
import { Desk } from "./desk.jsx";

createRoot(document.getElementById("root")).render(<Desk />);
