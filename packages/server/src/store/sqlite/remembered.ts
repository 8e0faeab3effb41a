/** Entries that are kept in memory; each is a few hundred bytes. */
const mostEntries = 10_000;

/**
 * Entries of the directory by a key. The process forgets them all before it acknowledges a commit, and where others write
 * too, whenever the file's version has moved; so what stands here is what the database says.
 */
export class Remembered<Entry> {
  readonly #entries = new Map<string, Entry>();
  #times = 0;

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Reads an entry, and keeps it unless all was forgotten meanwhile. */
  async keep(key: string, read: () => Promise<Entry | undefined>): Promise<Entry | undefined> {
    const times = this.#times;
    const entry = await read();
    if (this.#entries.size >= mostEntries) this.#entries.clear();
    if (entry !== undefined && times === this.#times) this.#entries.set(key, entry);
    return entry;
  }

  forget(): void {
    this.#times += 1;
    this.#entries.clear();
  }
}
