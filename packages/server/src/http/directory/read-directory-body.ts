import { type Fault, type JsonNode, parseJson } from '@cosell/model';
import { nearestNames } from '@cosell/odata';
import { faultAt, invalidBody } from '../../domain/refusals.ts';
import { decodeUtf8 } from '../body.ts';
import {
  type DirectoryBody,
  directoryBodies,
  type Given,
  type MemberForm,
  type MemberForms,
  textForms,
} from './directory-members.ts';

/**
 * Reads a body by the table of its members. A change is a merge patch (RFC 7396): what is left out stays, and null would
 * take a member away, which none of them allows.
 *
 * @throws Failure `invalidBody` with every fault
 */
export function readDirectoryBody<Name extends DirectoryBody>(
  name: Name,
  body: Buffer,
): Given<(typeof directoryBodies)[Name]> {
  const text = decodeUtf8(body) ?? '?';
  const parsed = parseJson(text.trim() === '' ? '{}' : text);
  if ('faults' in parsed) throw invalidBody(parsed.faults.map((fault) => ({ pointer: '', ...fault })));
  const faults: Fault[] = [];
  const given = readObject(faults, directoryBodies[name], parsed.root, {
    pointer: '',
    isPatch: name.endsWith('Patch'),
  });
  if (faults.length > 0) throw invalidBody(faults);
  // The table says what each member is, and whatever else was given is a fault.
  return given as Given<(typeof directoryBodies)[Name]>;
}

interface Place {
  readonly pointer: string;
  readonly isPatch: boolean;
}

function readObject(faults: Fault[], forms: MemberForms, node: JsonNode, place: Place): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  const at = (name: string) => `${place.pointer}/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`;
  if (node.type !== 'object') {
    faults.push(faultAt('wrongType', place.pointer, 'Write an object here.'));
    return given;
  }
  for (const { name, value } of node.members) {
    const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
    if (form === undefined) faults.push(unknownMember(name, at(name), Object.keys(forms)));
    else if (value.type !== 'null') given[name] = readMember(faults, form, value, { ...place, pointer: at(name) });
    else if (place.isPatch) faults.push(faultAt('wrongType', at(name), 'It cannot be taken away; leave it out.'));
  }
  for (const [name, { isRequired }] of Object.entries(forms)) {
    const isThere = node.members.some((member) => member.name === name && member.value.type !== 'null');
    if (isRequired === true && !isThere) faults.push(faultAt('missingMember', at(name), `Write ${name} here.`));
  }
  return given;
}

function readMember(faults: Fault[], { form, most }: MemberForm, node: JsonNode, place: Place): unknown {
  if (most === undefined) return readSingle(faults, form, node, place);
  if (node.type !== 'array') {
    faults.push(faultAt('wrongType', place.pointer, 'Write a list here.'));
    return [];
  }
  if (node.items.length > most) faults.push(faultAt('tooManyItems', place.pointer, `Write at most ${most} items.`));
  return node.items
    .slice(0, most)
    .map((item, index) => readSingle(faults, form, item, { ...place, pointer: `${place.pointer}/${index}` }));
}

function readSingle(faults: Fault[], form: MemberForm['form'], node: JsonNode, place: Place): unknown {
  if (typeof form === 'object') return readObject(faults, form, node, place);
  if (form === 'flag') {
    if (node.type !== 'boolean') faults.push(faultAt('wrongType', place.pointer, 'Write true or false here.'));
    return node.value;
  }
  if (node.type !== 'string') {
    faults.push(faultAt('wrongType', place.pointer, 'Write a text here.'));
    return '';
  }
  const text = String(node.value);
  const message = textForms[form].fault(text);
  if (message !== undefined) faults.push(faultAt('valueNotAllowed', place.pointer, message));
  return text;
}

function unknownMember(name: string, pointer: string, known: readonly string[]): Fault {
  const [nearest] = nearestNames(name, known);
  const advice = nearest === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean "${nearest}"?`;
  return faultAt('unknownMember', pointer, `There is no such member here. ${advice}`);
}
