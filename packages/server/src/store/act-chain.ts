import { createHash } from 'node:crypto';
import type { Act, StoredAct } from './act.ts';

/** A record without its own hash, but with its place. */
export type PlacedAct = Act & Pick<StoredAct, 'sequence'>;

/**
 * The hash of a record: SHA-256 over the hash of the record before it and all that it says, in hexadecimal. Whoever
 * changes, removes or moves one would have to write all later ones anew, and the head that was logged would tell.
 *
 * @param before the hash of the record before; empty for the first one, and after records from before there were hashes
 */
export function hashOfAct(before: string, act: PlacedAct): string {
  const { sequence, occurredAt, kind, actedBy, organizationId, actor, via, requestId, subjectHash, details } = act;
  // A list in JSON has one spelling, and no value can pass for two.
  const text = JSON.stringify([
    sequence,
    occurredAt,
    kind,
    actedBy,
    organizationId,
    actor,
    via,
    requestId,
    subjectHash,
    details,
  ]);
  return createHash('sha256').update(`${before}\n${text}`).digest('hex');
}

/** Where a chain stands: its last record and that one's hash. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

/** What is wrong with a chain, and at which record. */
export interface ChainFault {
  readonly sequence: number;
  readonly reason: string;
}

/** Reads records in their order and holds each to the one before. */
export class ChainReader {
  #head: ChainHead;
  readonly #heads: ReadonlyMap<number, string>;
  #unhashed = 0;

  /**
   * @param heads hashes that are known from elsewhere, such as the log, by the number of their record
   * @param before the record before the first one that is read, where that is not the first of all
   */
  constructor(heads: readonly ChainHead[] = [], before: ChainHead = { sequence: 0, hash: '' }) {
    this.#heads = new Map(heads.map(({ sequence, hash }) => [sequence, hash]));
    this.#head = before;
  }

  /** The last record that fits. */
  get head(): ChainHead {
    return this.#head;
  }

  /** How many records are from before there were hashes. */
  get unhashed(): number {
    return this.#unhashed;
  }

  /** Takes the next record. Gives what is wrong with it. */
  read(act: StoredAct): ChainFault | undefined {
    const { sequence, hash } = act;
    const next = this.#head.sequence + 1;
    if (sequence !== next) {
      const reason = `it is missing: record ${sequence} comes after record ${this.#head.sequence}`;
      return { sequence: next, reason };
    }
    if (hash === '') {
      if (this.#head.hash !== '') return { sequence, reason: 'it has no hash' };
      this.#unhashed += 1;
    } else if (hash !== hashOfAct(this.#head.hash, act)) {
      return { sequence, reason: 'it is not what its hash was made of, or the record before it is not' };
    }
    const known = this.#heads.get(sequence);
    if (known !== undefined && known !== hash) return { sequence, reason: `its hash was ${known} once` };
    this.#head = { sequence, hash };
    return undefined;
  }

  /** Says that there are no more. Gives the first record that has to be there and is not. */
  end(): ChainFault | undefined {
    const last = Math.max(0, ...this.#heads.keys());
    if (last <= this.#head.sequence) return undefined;
    return {
      sequence: this.#head.sequence + 1,
      reason: `it is missing, and so is all after it: there was a record ${last} once`,
    };
  }
}
