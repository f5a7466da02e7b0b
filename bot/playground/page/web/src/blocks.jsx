// Blocks: slack-blocks-to-jsx renders what it knows; interactive elements, tables, charts and pictures are rendered here.
import { Component, memo, useContext } from "react";
import { Message } from "slack-blocks-to-jsx";
import { Chart } from "./chart.jsx";
import { Element, Field } from "./elements.jsx";
import { DataTable } from "./table.jsx";
import { People } from "./using.js";

// Keyed by type and position, not by id, so that a block that replaces another keeps the keyboard focus.
export function Blocks({ blocks, files }) {
  const met = {};
  return blocks.map((block) => {
    met[block.type] = (met[block.type] ?? 0) + 1;
    return (
      <Safely key={`${block.type} ${met[block.type]}`} block={block}>
        <One block={block} files={files} />
      </Safely>
    );
  });
}

// A block that fails to render is named, without affecting the others.
class Safely extends Component {
  state = { failed: null };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  componentDidUpdate(before) {
    if (this.state.failed && before.block !== this.props.block) this.setState({ failed: null });
  }
  render() {
    return this.state.failed ? <p className="unknown">A block of type {this.props.block.type} can't be drawn here.</p> : this.props.children;
  }
}

function One({ block, files }) {
  switch (block.type) {
    case "data_table":
      return <DataTable block={block} />;
    case "data_visualization":
      if (block.chart.type === "line") return <Chart block={block} />;
      break;
    case "actions":
      return (
        <div className="actions">
          {block.elements.map((element, at) => (
            <Element key={at} element={element} />
          ))}
        </div>
      );
    case "input":
      return <Field block={block} />;
    case "image":
      if (block.slack_file) {
        const source = files ? files[block.slack_file.id] : `/files/${block.slack_file.id}`;
        return <img className="picture" src={source} alt={block.alt_text} />;
      }
  }
  if (block.type === "section" && block.accessory) {
    const { accessory, ...plain } = block;
    return (
      <div className="with-accessory">
        <Drawn block={plain} />
        <Element element={accessory} />
      </div>
    );
  }
  return <Drawn block={block} />;
}

const Drawn = memo(function Drawn({ block }) {
  const people = useContext(People);
  const user = ({ id, name }) => <span className="mention">@{people.get(id) ?? name ?? id}</span>;
  return (
    <div id="slack_blocks_to_jsx">
      <Message blocks={[block]} name="tierbot" logo="" theme={dark() ? "dark" : "light"} withoutWrapper hooks={{ user }} />
    </div>
  );
});

const dark = () => document.documentElement.dataset.theme === "dark";
