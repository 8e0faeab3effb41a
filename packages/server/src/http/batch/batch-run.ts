import { failure } from '@cosell/model';
import { JoinedWrites, siblingFailed } from '../../domain/joined-writes.ts';
import type { Clock, Store } from '../../store/store.ts';
import { type Ending, isSilence, type Outgoing } from '../answering.ts';
import { holds } from './batch-condition.ts';
import type { BatchItem } from './batch-envelope.ts';
import { awaitedBy, type Batch, keyOf, type Unit, unitsOf } from './batch-order.ts';
import { type ItemResult, resolveItem } from './batch-references.ts';
import type { Door, ItemRequest } from './item-door.ts';
import { Slots } from './slots.ts';

/** Units that are under way at once. */
const mostAtOnce = 4;
/** A batch begins nothing new after so long, and when its answers have so many characters. */
const beginsWithinMs = 30_000;
const mostAnswered = 32 * 1_048_576;

/** What a batch is done with. */
export interface BatchParts {
  readonly door: Door;
  readonly store: Pick<Store, 'transact'>;
  readonly clock: Clock;
  /** Makes path and query of a URL as it is written. */
  readonly urlOf: (url: string) => string;
  /** Whether the first failure ends it; then its requests are done one after the other. */
  readonly stopsAtFailure: boolean;
}

/** The answers of a batch by the keys of its requests; undefined where it is to have none. */
export type BatchAnswers = ReadonlyMap<string, ItemResult> | undefined;

/** Does the requests of a batch, each when all that it waits for is done. */
export async function runBatch(batch: Batch, parts: BatchParts): Promise<BatchAnswers> {
  const run = new BatchRun(batch, parts);
  const slots = new Slots(mostAtOnce);
  const done = new Map<Unit, Promise<void>>();
  for (const unit of unitsOf(batch.items, parts.stopsAtFailure)) {
    const before = Promise.all(unit.waitsFor.map((other) => done.get(other)));
    done.set(
      unit,
      before.then(() => slots.use(() => run.do(unit))),
    );
  }
  await Promise.all(done.values());
  return run.isLost ? undefined : run.results;
}

/** A request that is to be sent, or why it is not. */
type Ready = { readonly request: ItemRequest } | { readonly refusal: unknown };

class BatchRun {
  readonly results = new Map<string, ItemResult>();
  isLost = false;
  readonly #batch: Batch;
  readonly #parts: BatchParts;
  readonly #groups = new Map<string, BatchItem[]>();
  readonly #startedAt: number;
  #answered = 0;
  #hasFailed = false;

  constructor(batch: Batch, parts: BatchParts) {
    this.#batch = batch;
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    for (const item of batch.items) {
      if (item.group === undefined) continue;
      const key = keyOf(item.group);
      this.#groups.set(key, [...(this.#groups.get(key) ?? []), item]);
    }
  }

  async do({ items }: Unit): Promise<void> {
    const [only] = items;
    if (only === undefined || only.group !== undefined) return this.#doTogether(items);
    const ready = this.#prepare(only);
    if ('refusal' in ready) return this.#refuse(only, ready.refusal);
    this.#note(only, ready.request, await this.#parts.door.answer(ready.request));
  }

  /** All of a group or nothing of it: its writes are one transaction. */
  async #doTogether(items: readonly BatchItem[]): Promise<void> {
    const ready = items.map((item) => ({ item, ...this.#prepare(item) }));
    if (ready.some((one) => 'refusal' in one)) {
      for (const one of ready) this.#refuse(one.item, 'refusal' in one ? one.refusal : siblingFailed());
      return;
    }
    const writes = new JoinedWrites(this.#parts.store, items.length);
    await Promise.all(
      ready.map(async (one, place) => {
        if ('refusal' in one) return;
        const ending = await this.#parts.door.answer(one.request, writes.at(place));
        writes.end(!isSilence(ending) && !isSuccess(ending));
        this.#note(one.item, one.request, ending);
      }),
    );
  }

  #prepare(item: BatchItem): Ready {
    try {
      const refusal = this.#refusalOf(item);
      if (refusal !== undefined) return { refusal };
      const awaited = awaitedBy(item, this.#batch.items);
      const find = (id: string) => (awaited.has(keyOf(id)) ? this.#find(id) : undefined);
      return { request: resolveItem(item, this.#batch.text, { find, urlOf: this.#parts.urlOf }) };
    } catch (refusal) {
      return { refusal };
    }
  }

  #refusalOf(item: BatchItem) {
    const { clock, stopsAtFailure } = this.#parts;
    if (stopsAtFailure && this.#hasFailed) {
      return failure('dependencyFailed', { reason: 'an earlier one has failed and continue-on-error is false' });
    }
    if (clock.now() - this.#startedAt > beginsWithinMs) {
      return failure('batchLimitReached', { limit: `${beginsWithinMs / 1000} seconds` });
    }
    if (this.#answered > mostAnswered) {
      return failure('batchLimitReached', { limit: `${mostAnswered / 1_048_576} MB of answers` });
    }
    if (item.group !== undefined && item.method === 'GET') {
      const advice = 'Send it outside of the group, and let it depend on that.';
      return failure('batchNotImplemented', { what: 'a GET within an atomicity group', advice });
    }
    return this.#refusalByDependency(item);
  }

  #refusalByDependency({ condition, dependsOn }: BatchItem) {
    if (condition?.kind === 'unread') {
      const advice = 'Write $<id>/$succeeded, with not, and, or and parentheses.';
      return failure('batchNotImplemented', { what: `the condition "${condition.text}"`, advice });
    }
    if (condition !== undefined) {
      if (holds(condition, (id) => this.#hasSucceeded(id))) return undefined;
      return failure('dependencyFailed', { reason: 'its condition "if" does not hold' });
    }
    const failed = dependsOn.find((id) => !this.#hasSucceeded(id));
    return failed === undefined ? undefined : failure('dependencyFailed', { reason: `"${failed}" has failed` });
  }

  /** Whether a request or all of a group has succeeded; one of a group that failed has failed, too. */
  #hasSucceeded(id: string): boolean {
    const key = keyOf(id);
    const items = this.#groups.get(key);
    if (items !== undefined) return items.every((item) => this.#hasSucceeded(item.id));
    const result = this.results.get(key);
    // Within a group all succeed or none.
    return result === undefined || isSuccess(result.answer);
  }

  #find(id: string): ItemResult {
    const result = this.results.get(keyOf(id));
    if (result !== undefined) return result;
    const what = 'a reference from one request of an atomicity group to another of the same group';
    const advice = 'Send the two without a group, the second depending on the first.';
    throw failure('batchNotImplemented', { what, advice });
  }

  #refuse(item: BatchItem, error: unknown): void {
    const { id: _id, method, url, headers } = item;
    const request = { method, url, headers, body: Buffer.alloc(0) };
    this.#note(item, request, this.#parts.door.refuse(request, error));
  }

  #note(item: BatchItem, request: ItemRequest, ending: Ending): void {
    if (isSilence(ending)) {
      this.isLost = true;
      return;
    }
    this.results.set(keyOf(item.id), { item, request, answer: ending });
    this.#answered += ending.body?.length ?? 0;
    this.#hasFailed ||= !isSuccess(ending);
  }
}

function isSuccess({ status }: Outgoing): boolean {
  return status >= 200 && status < 300;
}
