import type { Fault, FaultCode } from './faults.ts';
import type { JsonNode } from './json-tree.ts';

/** How a document is read. */
export interface ReadingRules {
  /**
   * `capture`: what the real API wrote is believed, unknown members and values are kept (decision 32). `body`: what a
   * client writes must be right; members that only the server sets are passed over (decision 12).
   */
  readonly trust: 'capture' | 'body';
  /** Takes an unknown member that is none: a legacy name, or another spelling of an attribute (decision 16). */
  readonly takes?: (walk: Walk, pointer: string, name: string, node: JsonNode) => boolean;
  /** Whether null is kept as it stands, because it empties what is stored. */
  readonly keepsNull?: boolean;
  /** Whether the stored document has an unknown member at this pointer, kept as it came. */
  readonly isKept?: (pointer: string) => boolean;
  /** Whether members that only the server sets are read, too: the value is only compared with what is there. */
  readonly comparesOnly?: boolean;
  /** Whether unknown members are left out with a warning (`UNKNOWN_PROPERTIES=ignore`). */
  readonly ignoresUnknown?: boolean;
}

/** Something that was accepted and should be looked at. */
export interface Warning {
  readonly pointer: string;
  readonly code: 'unlistedValue' | 'unknownMember' | 'readOnlyMember' | 'notOnTeam';
}

/** Where the walk is, and what it has found so far. */
export interface Walk {
  readonly text: string;
  readonly rules: ReadingRules;
  readonly faults: Fault[];
  readonly warnings: Warning[];
}

/** Begins to read a text. */
export function startWalk(text: string, rules: ReadingRules): Walk {
  return { text, rules, faults: [], warnings: [] };
}

/** Notes a fault. */
export function report(
  walk: Walk,
  code: FaultCode,
  pointer: string,
  { offset }: { readonly offset: number },
  message: string,
): undefined {
  walk.faults.push({ code, message, pointer, offset });
  return undefined;
}

/** What a JSON value is, in words. */
export function nameType(node: JsonNode): string {
  const names = { object: 'an object', array: 'a list', string: 'a text', number: 'a number', boolean: 'a boolean' };
  return node.type in names ? names[node.type as keyof typeof names] : 'null';
}
