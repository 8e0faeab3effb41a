import { nearestNames } from '@cosell/odata';
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { Placed, Step } from './scenario.ts';

/** Something that is wrong with the text of a scenario. */
export interface ScenarioFault {
  /** Counted from 1, as the column is. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A member of an object: its key and its value. */
export interface Member {
  readonly name: string;
  readonly key: Node;
  readonly value: Node;
  /** Whether the value is missing, or null. */
  readonly isEmpty: boolean;
}

/** Names that an object may have. */
export interface Names {
  /** Whose names they are, for the reader of a fault. */
  readonly what: string;
  readonly known?: readonly string[];
  /** The names to show, where those that are known are too many. */
  readonly shown?: readonly string[];
  /** Whether a name is welcome that is not among them. */
  readonly isOpenTo?: (name: string) => boolean;
}

/** A parsed text of YAML. Whoever reads it says what is wrong, and goes on, so that all faults are told at once. */
export class YamlText {
  readonly faults: ScenarioFault[] = [];
  readonly root: Node | undefined;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, merge: true, prettyErrors: false });
    for (const { message, pos } of [...this.#document.errors, ...this.#document.warnings]) {
      this.#faultAt(pos[0], message.endsWith('.') ? message.slice(0, -1) : message);
    }
    visit(this.#document, { Alias: (_key, alias) => this.#checkAlias(alias) });
    this.root = this.#document.contents ?? undefined;
  }

  /** Says what is wrong with a node. */
  fault(node: Node | undefined, message: string): undefined {
    this.#faultAt(node?.range?.[0] ?? 0, message);
  }

  /** Data must have an end, so no alias may stand within what it stands for. */
  #checkAlias(alias: Alias): void {
    const meant = alias.resolve(this.#document);
    if (meant === undefined) this.fault(alias, `there is no &${alias.source} before *${alias.source}`);
    else if (contains(meant, alias)) this.fault(alias, `*${alias.source} stands within &${alias.source} itself`);
  }

  #faultAt(offset: number, message: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.faults.push({ line, column: col, message });
  }

  /** The line that a node begins on. */
  lineOf(node: Node): number {
    return this.#lines.linePos(node.range?.[0] ?? 0).line;
  }

  /** What an alias stands for; any other node is itself. */
  #meant(node: Node): Node {
    return isAlias(node) ? (node.resolve(this.#document) ?? node) : node;
  }

  /** The members of an object, by name. A name that is not among the known ones is a fault. */
  members(node: Node, names: Names): Map<string, Member> {
    const found = new Map<string, Member>();
    const map = this.#meant(node);
    if (!isMap(map)) {
      this.fault(node, `${names.what} must be an object: lines of "key: value"`);
      return found;
    }
    for (const pair of map.items) {
      const key = pair.key as Node;
      const name = isScalar(key) ? String(key.value) : '';
      const value = (pair.value as Node | null) ?? this.#emptyAt(key);
      const isKnown = names.known === undefined || names.known.includes(name) || names.isOpenTo?.(name) === true;
      if (isKnown) found.set(name, { name, key, value, isEmpty: isScalar(value) && value.value === null });
      else this.unknown(key, name, names);
    }
    return found;
  }

  /** The value of a key that has none: it stands where the key does. */
  #emptyAt(key: Node): Node {
    const empty = this.#document.createNode(null);
    empty.range = key.range ?? null;
    return empty;
  }

  /** Says that a name is not known, and which is near. */
  unknown(node: Node | undefined, name: string, { what, known = [], shown = known }: Names): undefined {
    const [nearest] = nearestNames(name, known);
    const advice = nearest === undefined ? `it knows ${shown.join(', ')}` : `did you mean "${nearest}"?`;
    this.fault(node, `${what} does not know "${name}"; ${advice}`);
  }

  /** The items of a list. */
  items(node: Node, what: string): Node[] | undefined {
    const seq = this.#meant(node);
    if (isSeq(seq)) return seq.items as Node[];
    return this.fault(node, `${what} must be a list: lines that begin with "- "`);
  }

  /** A text that is not empty. */
  text(node: Node, what: string): string | undefined {
    const scalar = this.#meant(node);
    if (isScalar(scalar) && typeof scalar.value === 'string' && scalar.value.trim() !== '') return scalar.value;
    return this.fault(node, `${what} must be a text`);
  }

  /** A text, or what is written without quotes and becomes one: a number, true or false. */
  plain(node: Node, what: string): string | undefined {
    const scalar = this.#meant(node);
    if (isScalar(scalar) && ['string', 'number', 'boolean'].includes(typeof scalar.value)) return String(scalar.value);
    return this.fault(node, `${what} must be a text, a number, true or false`);
  }

  /** A node as plain data. */
  data(node: Node): unknown {
    try {
      return node.toJS(this.#document) as unknown;
    } catch (error) {
      return this.fault(node, error instanceof Error ? error.message : String(error));
    }
  }

  /** The node of a part of an object or list; of the nearest that has one, where the part came by an alias or merge. */
  nodeAt(node: Node, path: readonly Step[]): Node {
    let found = node;
    for (const step of path) {
      const inner = this.#meant(found);
      const next = isMap(inner) || isSeq(inner) ? inner.get(step, true) : undefined;
      if (next === undefined) break;
      found = next as Node;
    }
    return found;
  }

  /** Data that remembers which lines its parts stand on. */
  placed<Value>(node: Node, value: Value): Placed<Value> {
    return { value, lineOf: (path) => this.lineOf(this.nodeAt(node, path)) };
  }
}

function contains(outer: Node, inner: Node): boolean {
  const [start, , end] = outer.range ?? [0, 0, 0];
  const [at = 0] = inner.range ?? [];
  return start <= at && at < end;
}
