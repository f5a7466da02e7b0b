// What a surface provides to its elements: `act(element, choice)`, and in a modal the fields' values and errors.
import { createContext, useContext } from "react";

export const Using = createContext({ act: () => undefined });
export const useUsing = () => useContext(Using);
export const People = createContext(new Map());
export const Places = createContext([]);

// A field's initial value, in the server's form: an option, options, or text.
export function initial(element) {
  return element.initial_option ?? element.initial_options ?? element.initial_value ?? element.initial_date ?? null;
}
