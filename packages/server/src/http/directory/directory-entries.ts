import { failure } from '@cosell/model';
import { changeDirectory, type DirectoryOrder } from '../../domain/directory/change-directory.ts';
import type { DirectoryChange, DirectoryDone } from '../../domain/directory/directory-change.ts';
import { type Entry, type EntryNoun, type EntryPlace, findEntry, listEntries } from '../../domain/directory/entries.ts';
import type { Directory } from '../../store/directory-entry.ts';
import { isNotModified } from '../conditional.ts';
import type { Answer, Asked, Surface } from '../route.ts';
import type { DirectoryNoun } from './directory-nouns.ts';

/** Where the directory is. */
export const directoryPath = '/directory/v1/organizations';

/**
 * The organisation of the path. A user finds his own only; another's is answered like one that is not there (decision
 * 10). Whoever runs the exchange finds every one.
 *
 * @throws Failure `directoryEntryNotFound`
 */
export async function homeOf({ store }: Surface, asked: Asked): Promise<Home> {
  const owner = (asked.parameters.organizationId ?? '').toLowerCase();
  if (asked.caller !== undefined && asked.caller.organizationId !== owner) throw failure('directoryEntryNotFound');
  const directory = await store.listDirectory(owner.includes('\0') ? '' : owner);
  if (directory.organizations.length === 0) throw failure('directoryEntryNotFound');
  return { owner, directory };
}

/** An organisation and what is in its directory. */
export interface Home {
  readonly owner: string;
  readonly directory: Directory;
}

/** GET of a list: everything, or a part of it by $top and $skip. */
export async function answerEntries(surface: Surface, asked: Asked, noun: EntryNoun): Promise<Answer> {
  const { owner, directory } = await homeOf(surface, asked);
  return listAnswer(
    asked,
    listEntries(directory, noun, owner).map(({ value }) => value),
  );
}

/** A list, as far as it was asked for. */
export function listAnswer({ options }: Asked, values: readonly object[]): Answer {
  const skip = numberOf(options, '$skip', 0);
  const some = values.slice(skip, skip + numberOf(options, '$top', values.length));
  return { status: 200, body: JSON.stringify({ '@odata.count': values.length, value: some }) };
}

function numberOf(options: Asked['options'], option: '$top' | '$skip', usual: number): number {
  const text = options[option];
  if (text === undefined) return usual;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw failure('optionValueInvalid', { option, value: text, expected: 'a whole number from 0 to 999999999' });
}

/** GET of one; without a key, of the organisation itself. */
export async function answerEntry(surface: Surface, asked: Asked, noun: EntryNoun, key?: string): Promise<Answer> {
  const { owner, directory } = await homeOf(surface, asked);
  const entry = entryIn(directory, { noun, organizationId: owner, key: key ?? owner });
  if (isNotModified(asked.header('if-none-match'), entry.eTag)) return { status: 304, headers: ['ETag', entry.eTag] };
  return entryAnswer(entry);
}

/** POST of a new one. */
export async function answerCreateEntry(surface: Surface, asked: Asked, noun: DirectoryNoun): Promise<Answer> {
  const { owner, directory } = await homeOf(surface, asked);
  if (noun.create === undefined) throw new Error(`a ${noun.title} is not made here`);
  const { change, key } = noun.create.read(asked.body, owner);
  if (change.kind === 'addRole') entryIn(directory, { noun: 'users', organizationId: owner, key: change.user });
  const place = (itsKey: string) => ({ noun: noun.noun, organizationId: owner, key: itsKey });
  const about = key === undefined ? {} : { at: place(key), isNew: true };
  const done = await write(surface, asked, change, about);
  const at = place(done.key);
  return { ...entryAnswer(await entryAt(surface, at), ['Location', locationOf(asked, noun.segment, at)]) };
}

/** PATCH of one. */
export async function answerChangeEntry(surface: Surface, asked: Asked, noun: DirectoryNoun): Promise<Answer> {
  const { owner, directory } = await homeOf(surface, asked);
  const key = asked.parameters[noun.parameter] ?? '';
  const at = { noun: noun.noun, organizationId: owner, key };
  entryIn(directory, at);
  const change = noun.change?.read(asked.body, key, owner);
  if (change === undefined) throw new Error(`a ${noun.title} is never changed`);
  await write(surface, asked, change, { at });
  return entryAnswer(await entryAt(surface, at));
}

/** DELETE of one. */
export async function answerRemoveEntry(surface: Surface, asked: Asked, noun: DirectoryNoun): Promise<Answer> {
  const { owner, directory } = await homeOf(surface, asked);
  const at = { noun: noun.noun, organizationId: owner, key: asked.parameters[noun.parameter] ?? '' };
  const entry = entryIn(directory, at);
  if (noun.remove === undefined) throw new Error(`a ${noun.title} is never removed`);
  await write(surface, asked, noun.remove(entry, owner), { at });
  return { status: 204 };
}

/** An entry as it is now, whoever has asked for it. */
export async function entryAt({ store }: Surface, at: EntryPlace): Promise<Entry> {
  return entryIn(await store.listDirectory(at.organizationId), at);
}

/** @throws Failure `directoryEntryNotFound` */
export function entryIn(directory: Directory, at: EntryPlace): Entry {
  const entry = findEntry(directory, at);
  if (entry === undefined) throw failure('directoryEntryNotFound');
  return entry;
}

/** An entry as an answer of its own. */
export function entryAnswer({ value, eTag }: Entry, headers: readonly string[] = []): Answer {
  return { status: 200, headers: ['ETag', eTag, ...headers], body: JSON.stringify(value) };
}

/** The address of an entry. */
export function locationOf(
  { origin }: Asked,
  segment: string,
  { organizationId, key }: Omit<EntryPlace, 'noun'>,
): string {
  return `${origin}${directoryPath}/${organizationId}/${segment}/${encodeURIComponent(key)}`;
}

/** Makes a change, by the user who asks or by the operator, on the condition that the request has. */
export function write(
  { store, config }: Surface,
  { caller, clientId, requestId, header, writes }: Asked,
  change: DirectoryChange,
  about: Pick<DirectoryOrder, 'at' | 'isNew'> = {},
): Promise<DirectoryDone> {
  if (writes !== store) {
    const advice = 'Send it outside of the group.';
    throw failure('batchNotImplemented', { what: 'a change of the directory within an atomicity group', advice });
  }
  const by = caller && { organizationId: caller.organizationId, userName: caller.userName };
  const condition = { ifMatch: header('if-match'), isLenient: config.ifMatch === 'lenient' };
  const request = { clientId, requestId };
  return store.transact(changeDirectory, {
    ...change,
    ...about,
    condition,
    request,
    ...(by === undefined ? {} : { by }),
  });
}
