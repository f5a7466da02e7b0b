// The top bar: workspace, clock, import, inspector, theme.
import { Clock } from "./clock.jsx";
import { Drop } from "./drop.jsx";
import { useTheme } from "./theme.js";

export function Top({ world, be, ask, setTrouble, attach, unread, listing: [listing, setListing], inspecting: [inspecting, inspect] }) {
  const [theme, changeTheme] = useTheme();
  return (
    <header className="top">
      <button type="button" className="menu-button" aria-label={`Channels and people${unread ? `, ${unread} new messages` : ""}`} aria-expanded={listing} onClick={() => setListing(!listing)}>
        ☰{unread > 0 && <span className="badge">{unread}</span>}
      </button>
      <h1 className="title">tierbot demo</h1>
      {world.workspaces.length > 1 && (
        <select className="workspaces" aria-label="Workspace" value={world.workspace} onChange={(event) => be(world.workspaces.find((each) => each.team === event.target.value).first)}>
          {world.workspaces.map((each) => (
            <option key={each.team} value={each.team}>
              {each.name}
            </option>
          ))}
        </select>
      )}
      <Clock world={world} ask={ask} />
      <span className="tools">
        <Drop files={world.files} setTrouble={setTrouble} attach={attach} />
        <button type="button" aria-pressed={inspecting} onClick={inspect}>
          Inspector
        </button>
        <button type="button" aria-label={`${theme === "dark" ? "Light" : "Dark"} theme`} onClick={changeTheme}>
          {theme === "dark" ? "☀" : "☾"}
        </button>
      </span>
    </header>
  );
}
