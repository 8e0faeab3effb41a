import type { Annotation, AnnotationRecord, AnnotationValue, MembersValue, PathValue } from './annotation.ts';

/** Annotations as elements of CSDL XML (OData CSDL XML 4.01, section 14), a line each. */
export function annotationsXml(annotations: readonly Annotation[] = []): string[] {
  return annotations.flatMap(({ term, value }) => holder('Annotation', `Term="${xml(term)}"`, value));
}

/** An element that holds a value: as its attribute where it is a simple one, else within it. */
function holder(element: string, name: string, value: AnnotationValue): string[] {
  const { expression, text } = simple(value);
  if (text !== undefined) return [`<${element} ${name} ${expression}="${xml(text)}"/>`];
  return [`<${element} ${name}>`, ...indented(expressionXml(value)), `</${element}>`];
}

function expressionXml(value: AnnotationValue): string[] {
  const { expression, text } = simple(value);
  if (text !== undefined) return [`<${expression}>${xml(text)}</${expression}>`];
  if (isList(value)) {
    if (value.length === 0) return ['<Collection/>'];
    return ['<Collection>', ...indented(value.flatMap(expressionXml)), '</Collection>'];
  }
  // What is left is a record.
  const entries = Object.entries((value as AnnotationRecord).members);
  const members = entries.flatMap(([name, member]) => holder('PropertyValue', `Property="${xml(name)}"`, member));
  return ['<Record>', ...indented(members), '</Record>'];
}

/** A value that is one text in XML, with the name of its expression; without a text, it is none. */
function simple(value: AnnotationValue): { readonly expression: string; readonly text?: string } {
  if (typeof value === 'boolean') return { expression: 'Bool', text: String(value) };
  if (typeof value === 'number') return { expression: 'Int', text: String(value) };
  if (typeof value === 'string') return { expression: 'String', text: value };
  if (isPath(value)) return { expression: 'PropertyPath', text: value.path };
  if (!isMembers(value)) return { expression: '' };
  return { expression: 'EnumMember', text: value.names.map((name) => `${value.type}/${name}`).join(' ') };
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** Annotations as members of an object of CSDL JSON (OData CSDL JSON 4.01, section 14). */
export function annotationsJson(annotations: readonly Annotation[] = []): Record<string, unknown> {
  return Object.fromEntries(annotations.map(({ term, value }) => [`@${term}`, valueJson(value)]));
}

function valueJson(value: AnnotationValue): unknown {
  if (typeof value !== 'object') return value;
  if (isList(value)) return value.map(valueJson);
  if (isPath(value)) return value.path;
  if (isMembers(value)) return value.names.join(',');
  return Object.fromEntries(
    Object.entries((value as AnnotationRecord).members).map(([name, member]) => [name, valueJson(member)]),
  );
}

function isList(value: AnnotationValue): value is readonly AnnotationValue[] {
  return Array.isArray(value);
}

function isPath(value: AnnotationValue): value is PathValue {
  return (value as Partial<PathValue>).kind === 'path';
}

function isMembers(value: AnnotationValue): value is MembersValue {
  return (value as Partial<MembersValue>).kind === 'members';
}

/** Text as it may stand in an element or an attribute. */
export function xml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
