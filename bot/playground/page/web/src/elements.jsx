// Interactive elements: buttons, selects, checkboxes, fields, all of them native controls, for keyboard and screen readers.
import { useContext, useEffect, useId, useRef, useState } from "react";
import { initial, People, Places, useUsing } from "./using.js";

// In a `field` of a modal, a choice is stored until the modal is submitted; elsewhere it is sent immediately.
export function Element({ element, field = false }) {
  const Kind = KINDS[element.type];
  return Kind ? <Kind element={element} field={field} /> : <span className="unknown">{element.type} can't be used here</span>;
}

function Button({ element }) {
  const { act } = useUsing();
  const [asking, setAsking] = useState(false);
  const style = element.style ? ` ${element.style}` : "";
  const press = () => (element.confirm ? setAsking(true) : act(element));
  if (element.url) {
    return (
      <a className={`button${style}`} href={element.url} target="_blank" rel="noreferrer noopener">
        {element.text.text}
      </a>
    );
  }
  return (
    <>
      <button type="button" className={`button${style}`} onClick={press} aria-label={element.accessibility_label}>
        {element.text.text}
      </button>
      {asking && <Confirm confirm={element.confirm} no={() => setAsking(false)} yes={() => (setAsking(false), act(element))} />}
    </>
  );
}

function Confirm({ confirm, yes, no }) {
  return (
    <span className="confirm" role="alertdialog" aria-label={confirm.title.text}>
      <b>{confirm.title.text}</b> {confirm.text?.text}{" "}
      <button type="button" className="button primary" onClick={yes} autoFocus>
        {confirm.confirm.text}
      </button>{" "}
      <button type="button" className="button" onClick={no}>
        {confirm.deny.text}
      </button>
    </span>
  );
}

const optionsOf = (element) => [
  ...(element.options ?? []),
  ...(element.option_groups ?? []).flatMap((group) => group.options),
];

function Select({ element, field }) {
  const { act, value, set } = useUsing();
  const [picked, setPicked] = useState(null); // shown as chosen until the bot updates the select
  useEffect(() => setPicked(null), [element]);
  const chosen = field ? value(element) : (picked ?? initial(element));
  const pick = (event) => {
    const option = optionsOf(element).find((each) => each.value === event.target.value);
    if (!option) return;
    if (field) set(element, option);
    else (setPicked(option), act(element, option));
  };
  const entry = (option) => (
    <option key={option.value} value={option.value}>
      {option.text.text}
    </option>
  );
  const label = element.placeholder?.text ?? "Choose";
  return (
    <select className="list" value={chosen?.value ?? ""} onChange={pick} {...(field ? { id: `field-${element.action_id}` } : { "aria-label": label })}>
      <option value="" disabled>
        {label}
      </option>
      {(element.options ?? []).map(entry)}
      {(element.option_groups ?? []).map((group) => (
        <optgroup key={group.label.text} label={group.label.text}>
          {group.options.map(entry)}
        </optgroup>
      ))}
    </select>
  );
}

// A select whose options come from the bot while one types.
// In a `field` of a modal a choice is kept, elsewhere it is sent immediately; without a minimum, opening it asks, too.
function Search({ element, field }) {
  const { act, value, set, search } = useUsing();
  const list = useId();
  const chosen = field ? value(element) : initial(element);
  const [text, setText] = useState(chosen?.text.text ?? "");
  const [found, setFound] = useState([]);
  const asked = useRef(0);
  const type = async (event) => {
    const typed = event.target.value;
    const mine = ++asked.current;
    setText(typed);
    const known = found.find((each) => each.text.text === typed);
    if (field) set(element, known ?? null);
    else if (known) act(element, known);
    if (known || typed.length < (element.min_query_length ?? 3)) return;
    const answer = await search(element, typed);
    if (mine === asked.current) setFound(answer.options ?? []);
  };
  const open = (event) => found.length || type(event);
  const label = field ? { id: `field-${element.action_id}` } : { "aria-label": element.placeholder?.text, className: "search" };
  return (
    <>
      <input type="search" list={list} value={text} onChange={type} onFocus={open} placeholder={element.placeholder?.text} {...label} />
      <datalist id={list}>
        {found.map((each) => (
          <option key={each.value} value={each.text.text} />
        ))}
      </datalist>
    </>
  );
}

// A select of the workspace's channels, or of its people: the choice is an id.
function Directory({ element, entries }) {
  const { value, set } = useUsing();
  return (
    <select className="list" value={value(element) ?? ""} onChange={(event) => set(element, event.target.value || null)} id={`field-${element.action_id}`}>
      <option value="">{element.placeholder?.text ?? "Choose"}</option>
      {entries.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Channels({ element }) {
  const places = useContext(Places).filter((each) => !each.app);
  return <Directory element={element} entries={places.map((each) => [each.id, `# ${each.name}`])} />;
}

function Users({ element }) {
  return <Directory element={element} entries={[...useContext(People)]} />;
}

function Overflow({ element }) {
  const { act } = useUsing();
  const menu = useRef(null);
  const shut = () => menu.current.removeAttribute("open");
  const back = () => (shut(), menu.current.firstChild.focus());
  const escape = (event) => event.key === "Escape" && back();
  const leave = (event) => menu.current.contains(event.relatedTarget) || shut();
  return (
    <details className="overflow" ref={menu} onKeyDown={escape} onBlur={leave}>
      <summary className="button" aria-label="More actions">
        ⋯
      </summary>
      <div className="menu" onMouseDown={(event) => event.preventDefault()}>
        {element.options.map((option) => (
          <button key={option.value} type="button" onClick={() => (back(), act(element, option))}>
            {option.text.text}
          </button>
        ))}
      </div>
    </details>
  );
}

function Ticks({ element, field, one = false }) {
  const { act, value, set } = useUsing();
  const name = useId();
  const held = (field ? value(element) : initial(element)) ?? (one ? null : []);
  const chosen = new Set((one ? [held] : held).filter(Boolean).map((each) => each.value));
  const tick = (option) => {
    const without = one ? [] : element.options.filter((each) => chosen.has(each.value) && each.value !== option.value);
    const now = one ? option : chosen.has(option.value) ? without : [...without, option];
    if (field) set(element, now);
    else act(element, now);
  };
  return element.options.map((option) => (
    <label key={option.value} className="tick">
      <input type={one ? "radio" : "checkbox"} name={name} checked={chosen.has(option.value)} onChange={() => tick(option)} />
      <span>{option.text.text}</span>
    </label>
  ));
}

function Text({ element }) {
  const { value, set } = useUsing();
  const given = {
    value: value(element) ?? "",
    maxLength: element.max_length,
    placeholder: element.placeholder?.text,
    onChange: (event) => set(element, event.target.value || null),
    id: `field-${element.action_id}`,
  };
  if (element.type === "number_input") return <input type="number" step={element.is_decimal_allowed ? "any" : 1} min={element.min_value} {...given} />;
  return element.multiline ? <textarea rows={4} {...given} /> : <input type="text" {...given} />;
}

function Day({ element, field }) {
  const { act, value, set } = useUsing();
  const pick = (event) => (field ? set(element, event.target.value || null) : act(element, event.target.value));
  return <input type="date" {...(field ? { id: `field-${element.action_id}` } : { "aria-label": "Day" })} value={(field ? value(element) : initial(element)) ?? ""} onChange={pick} />;
}

const KINDS = {
  button: Button,
  static_select: Select,
  overflow: Overflow,
  conversations_select: Channels,
  users_select: Users,
  checkboxes: Ticks,
  radio_buttons: (props) => <Ticks {...props} one />,
  external_select: Search,
  plain_text_input: Text,
  number_input: Text,
  datepicker: Day,
};

// A field of a modal: its label, control, hint and error.
export function Field({ block }) {
  const { errors } = useUsing();
  const wrong = errors?.[block.block_id];
  const group = ["checkboxes", "radio_buttons"].includes(block.element.type);
  const label = (
    <>
      {block.label.text} {block.optional && <span className="optional">(optional)</span>}
    </>
  );
  return (
    <div className={`field${wrong ? " wrong" : ""}`} role={group ? "group" : undefined} aria-label={group ? block.label.text : undefined}>
      {group ? <div className="label">{label}</div> : <label className="label" htmlFor={`field-${block.element.action_id}`}>{label}</label>}
      <Element element={block.element} field />
      {wrong && (
        <div className="error" role="alert">
          ⚠ {wrong}
        </div>
      )}
      {block.hint && <div className="hint">{block.hint.text}</div>}
    </div>
  );
}
