// The sidebar: choose a person and a channel.
const ROLES = [
  ["partner", "Partners"],
  ["cam", "Channel account managers"],
  ["cc", "Channel consultants"],
  ["admin", "Admins"],
  ["stranger", "Not linked yet"],
];

export function Sidebar({ world, ask, places, here, tab, unread, go, be }) {
  const me = world.people.find((each) => each.key === world.me);
  const others = world.people.filter((each) => each.key !== world.me);
  const other = others.find((each) => each.role === "cam") ?? others[0] ?? me; // someone with a different view
  const place = (each) => {
    const count = unread(each);
    const on = here.id === each.id && !(each.app && tab === "home");
    return (
      <li key={each.id}>
        <button type="button" className={on ? "on" : ""} aria-current={on ? "page" : undefined} onClick={() => go(each.id)}>
          {each.app ? "tierbot" : `# ${each.name}`}
          {count > 0 && (
            <span className="badge" aria-label={`${count} new`}>
              {count}
            </span>
          )}
        </button>
      </li>
    );
  };
  return (
    <nav className="side" aria-label="Workspace">
      <label className="who">
        <span>I am</span>
        <select value={world.me} onChange={(event) => be(event.target.value)}>
          {ROLES.map(([role, label]) => (
            <optgroup key={role} label={label}>
              {world.people
                .filter((each) => each.role === role)
                .map((each) => (
                  <option key={each.key} value={each.key}>
                    {each.name}{each.role === "partner" ? ` – ${short(each.what.replace(/^partner of /, ""), 24)}` : ""}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </label>
      <p className="what">{fewest(me?.what ?? "")}</p>
      <h2>Channels</h2>
      <ul>{places.filter((each) => !each.app).map(place)}</ul>
      <h2>Apps</h2>
      <ul>
        {places.filter((each) => each.app).map(place)}
        {world.installed && <li>
          <button type="button" className={here.app && tab === "home" ? "on sub" : "sub"} aria-current={here.app && tab === "home" ? "page" : undefined} onClick={() => go(places.at(-1).id, "home")}>
            Home
          </button>
        </li>}
        {world.installed && world.workspace !== world.workspaces[0].team && <li>
          <button type="button" className="sub" onClick={() => ask({ do: "remove" })}>
            Remove tierbot
          </button>
        </li>}
      </ul>
      <p className="hint">
        <a href={`?as=${encodeURIComponent(other.key)}`} target="_blank" rel="noreferrer">
          Open a second tab as someone else
        </a>{" "}
        to see what they can and can't see.
      </p>
      <p className="label">{world.label}</p>
    </nav>
  );
}

// "CAM of A, B, C, D and 10 more"
function fewest(what) {
  const named = what.split(", ");
  return named.length > 6 ? `${named.slice(0, 4).join(", ")} and ${named.length - 4} more` : what;
}

const short = (text, most = 60) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
