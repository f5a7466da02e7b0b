// What a surface lets its elements do: `act(element, choice)`, and in a window the fields' values and errors.
import { createContext, useContext } from "react";

export const Using = createContext({ act: () => undefined });
export const useUsing = () => useContext(Using);
export const People = createContext(new Map());

// What a field holds before anyone touches it, as the desk wants it: an option, options, or text.
export function initial(element) {
  return element.initial_option ?? element.initial_options ?? element.initial_value ?? element.initial_date ?? null;
}
