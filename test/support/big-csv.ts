import { open } from "node:fs/promises";

export interface BigCsv {
  /** Records, without the header. */
  readonly rows: number;
  /** Size of the file, at least what was asked for. */
  readonly bytes: number;
  /**
   * What a summary must find. Every 50th note has a doubled quote and a line break, every 7th is
   * empty.
   */
  readonly expected: {
    readonly amount: { readonly min: number; readonly max: number; readonly mean: number };
    readonly emptyNotes: number;
  };
}

const COUNTRIES = ["AT", "BR", "DE", "FR", "JP", "KE", "US"] as const;
const BLOCK_CHARACTERS = 1024 * 1024;

/**
 * Writes a plausible CSV file of about this size: id, name, country, amount, active, created, note.
 * The same size gives the same file: ids count from 1; 5,000 names, 7 countries, 365 days; amounts
 * from 0.00 to 999.99 in steps that visit each cent once.
 */
export async function writeBigCsv(path: string, bytes: number): Promise<BigCsv> {
  await using file = await open(path, "w");
  const days = Array.from({ length: 365 }, (_, day) =>
    new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10),
  );
  const cents = { sum: 0, min: Infinity, max: -Infinity };
  let [rows, written, emptyNotes] = [0, 0, 0];
  let block = "id,name,country,amount,active,created,note\n";
  while (written < bytes) {
    while (block.length < BLOCK_CHARACTERS && written + block.length < bytes) {
      rows += 1;
      const amount = (rows * 7919) % 100_000;
      cents.sum += amount;
      cents.min = Math.min(cents.min, amount);
      cents.max = Math.max(cents.max, amount);
      const note = noteOf(rows);
      if (note === "") emptyNotes += 1;
      block += `${rows},Zoë ${rows % 5000},${COUNTRIES[rows % 7]},${amount / 100},${rows % 3 === 0},${days[rows % 365]},${note}\n`;
    }
    written += (await file.write(block)).bytesWritten;
    block = "";
  }
  // Cents are whole numbers, so their sum is exact.
  const amount = { min: cents.min / 100, max: cents.max / 100, mean: cents.sum / rows / 100 };
  return { rows, bytes: written, expected: { amount, emptyNotes } };
}

function noteOf(row: number): string {
  if (row % 50 === 0) return `"asked for ""express"", see\nletter ${row % 100}"`;
  return row % 7 === 0 ? "" : `plain note ${row % 1000}`;
}
