import { compactJson, type Fault, type JsonNode, numberText, parseJson } from '@cosell/model';
import { nearestNames } from '@cosell/odata';
import { faultAt, invalidBody } from '../domain/refusals.ts';
import { decodeUtf8 } from './body.ts';

/** The members of a small JSON object that a route of our own takes, each asked for by name and form. */
export class JsonOrder {
  readonly faults: Fault[] = [];
  readonly #text: string;
  readonly #members: ReadonlyMap<string, JsonNode>;

  /**
   * Reads an object; an empty body is an empty object.
   *
   * @throws Failure `invalidBody`
   */
  constructor(body: Buffer, known: readonly string[]) {
    this.#text = decodeUtf8(body) ?? '?';
    if (this.#text.trim() === '') this.#text = '{}';
    const parsed = parseJson(this.#text);
    if ('faults' in parsed) throw invalidBody(parsed.faults.map((fault) => ({ pointer: '', ...fault })));
    if (parsed.root.type !== 'object') throw invalidBody([faultAt('wrongType', '', 'Write an object here.')]);
    this.#members = new Map(parsed.root.members.map(({ name, value }) => [name, value]));
    for (const name of this.#members.keys()) {
      if (known.includes(name)) continue;
      const [nearest] = nearestNames(name, known);
      const advice = nearest === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean "${nearest}"?`;
      this.#fault('unknownMember', name.slice(0, 100), `There is no such member here. ${advice}`);
    }
  }

  text(name: string): string | undefined {
    return this.#scalar(name, 'string', 'a text', (node) => String(node.value));
  }

  flag(name: string): boolean | undefined {
    return this.#scalar(name, 'boolean', 'true or false', (node) => node.value === true);
  }

  /** A number from a least to a most, without which it is the usual one. */
  number(name: string, { usual, least, most }: { usual: number; least: number; most: number }): number {
    const value = this.#scalar(name, 'number', `a number from ${least} to ${most}`, (node) =>
      Number(numberText(this.#text, node)),
    );
    if (value === undefined) return usual;
    if (value >= least && value <= most) return value;
    this.#fault('valueNotAllowed', name, `Write a number from ${least} to ${most}.`);
    return usual;
  }

  /** One of several words; the usual one is there for a missing member, none makes it required. */
  choice<Word extends string>(name: string, words: readonly Word[], usual?: Word): Word | undefined {
    const given = this.text(name) ?? usual;
    const found = words.find((word) => word === given);
    if (found !== undefined || this.faults.some(({ pointer }) => pointer === `/${name}`)) return found;
    const code = given === undefined ? 'missingMember' : 'valueNotAllowed';
    this.#fault(code, name, `Write one of ${words.join(', ')}.`);
    return undefined;
  }

  /** A member as JSON text, whatever it is. */
  json(name: string): string | undefined {
    const node = this.#members.get(name);
    return node === undefined ? undefined : compactJson(this.#text, node);
  }

  /** Notes that a member is wrong for a reason of the route's own. */
  refuse(name: string, message: string): void {
    this.#fault('valueNotAllowed', name, message);
  }

  /** @throws Failure `invalidBody` when anything was wrong */
  finish(): void {
    if (this.faults.length > 0) throw invalidBody(this.faults);
  }

  #scalar<Value>(name: string, type: JsonNode['type'], words: string, read: (node: JsonNode) => Value) {
    const node = this.#members.get(name);
    if (node === undefined || node.type === 'null') return undefined;
    if (node.type === type) return read(node);
    this.#fault('wrongType', name, `Write ${words} here.`);
    return undefined;
  }

  #fault(code: Fault['code'], name: string, message: string): void {
    this.faults.push(faultAt(code, `/${name}`, message));
  }
}
