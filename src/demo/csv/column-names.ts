import { detach, presentable } from "./text.ts";

/**
 * Unique names for the columns: those of the header, `column_3` for an empty one, and `name_2`,
 * `name_3`, … for repeated ones.
 */
export function nameColumns(header: readonly string[]): string[] {
  const wanted = header.map((cell, index) => presentable(detach(cell.trim())) || `column_${index + 1}`);
  const reserved = new Set(wanted);
  const used = new Set<string>();
  const nextNumber = new Map<string, number>();
  return wanted.map((name) => {
    const unique = used.has(name) ? numbered(name, reserved, nextNumber) : name;
    used.add(unique);
    reserved.add(unique);
    return unique;
  });
}

function numbered(name: string, reserved: ReadonlySet<string>, nextNumber: Map<string, number>): string {
  let number = nextNumber.get(name) ?? 2;
  while (reserved.has(`${name}_${number}`)) number += 1;
  nextNumber.set(name, number + 1);
  return `${name}_${number}`;
}
