/**
 * A memory of so many entries. When it is full, each new entry takes the place of one that is drawn: whoever asks for more than
 * fit, one after the other, then finds nearly all of them again. If the oldest had to go, he would find none.
 */
export class BoundedMemory<Value> {
  readonly #most: number;
  readonly #values = new Map<string, Value>();
  /** The key of each place; one that was forgotten stands here until its place is drawn. */
  readonly #places: string[] = [];
  #drawn = 1;

  constructor(most: number) {
    this.#most = most;
  }

  /** How many entries it has. */
  get size(): number {
    return this.#values.size;
  }

  /** What was remembered by a key. */
  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  /** Remembers an entry. */
  set(key: string, value: Value): void {
    if (!this.#values.has(key)) {
      const place = this.#places.length < this.#most ? this.#places.length : this.#draw();
      this.#values.delete(this.#places[place] ?? '');
      this.#places[place] = key;
    }
    this.#values.set(key, value);
  }

  /** Forgets an entry. */
  delete(key: string): void {
    this.#values.delete(key);
  }

  /** Forgets everything. */
  clear(): void {
    this.#values.clear();
    this.#places.length = 0;
  }

  /** A place that nobody can tell from the order of entries; it keeps no secret, so a plain generator will do. */
  #draw(): number {
    this.#drawn = (Math.imul(this.#drawn, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#drawn / 2 ** 32) * this.#most);
  }
}
