// A run of blocks: what the library knows is left to it, tables, charts and uploaded pictures are drawn here.
import { Message } from "slack-blocks-to-jsx";
import { Chart } from "./chart.jsx";
import { DataTable } from "./table.jsx";

const OWN = {
  data_table: (block) => <DataTable block={block} />,
  data_visualization: (block) => <Chart block={block} />,
};

export function Blocks({ blocks, files = {} }) {
  return blocks.map((block, at) => <One key={at} block={block} files={files} />);
}

function One({ block, files }) {
  const own = OWN[block.type];
  if (own) return own(block);
  if (block.type === "image" && block.slack_file) {
    return <img className="picture" src={files[block.slack_file.id]} alt={block.alt_text} />;
  }
  return (
    <div id="slack_blocks_to_jsx">
      <Message blocks={[block]} name="tierbot" logo="" theme="light" withoutWrapper hooks={HOOKS} />
    </div>
  );
}

const HOOKS = { user: ({ name, id }) => <span className="mention">@{name || id}</span> };
