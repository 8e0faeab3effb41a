import { deepest, type JsonNode, parseJson, referralEntityModel } from '@cosell/model';
import type { PropertyModel, StructuredType } from '@cosell/odata';
import type { Answer, Route } from './route.ts';

/** The form of JSON that a client asks for by parameters of the media type (OData JSON Format 4.01, section 3). */
export interface JsonForm {
  /** How much control information; undefined where it does not say, which means `minimal`. */
  readonly metadata: 'none' | 'minimal' | 'full' | undefined;
  /** Whether numbers that no double can hold exactly are written as text. */
  readonly isIeee754Compatible: boolean;
}

/** What an answer is, by the name of its schema; what is none of these has one form only. */
const forms: ReadonlySet<string | undefined> = new Set(['Referral', 'ReferralList', 'ServiceDocument']);

/**
 * The form that `Accept` or `$format` asks for; undefined where it says nothing of it. Of several ranges of JSON the best
 * liked counts, then the first. Other parameters, and values that are none, are passed over (decision 23).
 */
export function readJsonForm(accept: string | undefined): JsonForm | undefined {
  if (accept === undefined || !accept.includes(';')) return undefined;
  let best: { readonly quality: number; readonly form: JsonForm | undefined } | undefined;
  for (const range of accept.toLowerCase().split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    if (type !== 'application/json' && type !== 'text/json') continue;
    const given = new Map(parameters.map((parameter) => parameter.split(/\s*=\s*/, 2) as [string, string]));
    const quality = Number(given.get('q') ?? 1);
    if (best === undefined || quality > best.quality) best = { quality, form: formOf(given) };
  }
  return best?.form;
}

function formOf(given: ReadonlyMap<string, string | undefined>): JsonForm | undefined {
  const level = given.get('odata.metadata') ?? given.get('metadata');
  const metadata = level === 'none' || level === 'minimal' || level === 'full' ? level : undefined;
  const isIeee754Compatible = given.get('ieee754compatible') === 'true';
  return metadata === undefined && !isIeee754Compatible ? undefined : { metadata, isIeee754Compatible };
}

/** Gives an answer the form that was asked for, and says so in its media type; undefined where it has but one. */
export function reform(
  answer: Answer,
  form: JsonForm,
  { route, collection }: { readonly route: Pick<Route, 'schema'>; readonly collection: string },
): Answer | undefined {
  const { body, byteLength: _known, ...others } = answer;
  if (body === undefined || !forms.has(route.schema)) return undefined;
  const parameters = [
    ...(form.metadata === undefined ? [] : [`odata.metadata=${form.metadata}`]),
    ...(form.isIeee754Compatible ? ['IEEE754Compatible=true'] : []),
  ];
  const mediaType = ['application/json', ...parameters, 'charset=utf-8'].join('; ');
  const isAsItIs = form.metadata !== 'none' && form.metadata !== 'full' && !form.isIeee754Compatible;
  return {
    ...others,
    mediaType,
    body: isAsItIs ? body : new Rewriter(body, form, collection).write(route.schema, answer.areResults),
  };
}

/** Control information that is left in even where none is asked for (section 3.1.3). */
const kept: ReadonlySet<string> = new Set(['@odata.count', '@odata.nextLink', '@odata.deltaLink']);

const model = referralEntityModel();
const types: ReadonlyMap<string, StructuredType> = new Map(
  [...model.entityTypes, ...model.complexTypes].map((type) => [type.name, type]),
);
const enumerations = new Set(model.enumerations.map(({ name }) => name));
const members = new Map(
  [...types.values()].map(({ name, properties }) => [
    name,
    new Map(properties.map((property) => [property.name, property])),
  ]),
);

/** Writes a document in another form. Values that have but one form are copied as they stand. */
class Rewriter {
  readonly #text: string;
  readonly #form: JsonForm;
  readonly #collection: string;
  /** Whether the model says which numbers a double can hold; of the results of `$apply` it does not. */
  #areNumbersKnown = true;

  constructor(text: string, form: JsonForm, collection: string) {
    this.#text = text;
    this.#form = form;
    this.#collection = collection;
  }

  /** Writes a document of a schema: one referral, or something with a list in it. */
  write(schema: string | undefined, areResults = false): string {
    // An item of a list stands two levels lower than by itself.
    const parsed = parseJson(this.#text, deepest + 2);
    if ('faults' in parsed) throw new Error(`an answer cannot be read: ${parsed.faults[0]?.message}`);
    if (schema === 'Referral') return this.#object(parsed.root, schema);
    // What a service document lists has no type in the model.
    const type = schema === 'ReferralList' && !areResults ? 'Referral' : '';
    if (areResults) this.#areNumbersKnown = false;
    const written = parsed.root.members.flatMap(({ name, value }) => {
      if (name !== 'value') return this.#annotation(name, value);
      return [`"value":[${value.items.map((item) => this.#object(item, type)).join(',')}]`];
    });
    return `{${written.join(',')}}`;
  }

  #object(node: JsonNode, type: string): string {
    if (node.type === 'number' && !this.#areNumbersKnown) return this.#number(node);
    // What left a list is known by its control information, whatever else is asked for.
    const isRemoved = node.members.some(({ name }) => name === '@odata.removed');
    if (node.type !== 'object' || isRemoved) return this.#raw(node);
    const known = members.get(type);
    const before: string[] = [];
    const behind: string[] = [];
    for (const { name, value } of node.members) {
      const property = known?.get(name);
      if (name.includes('@')) (behind.length === 0 ? before : behind).push(...this.#annotation(name, value));
      else if (property === undefined) {
        const text = this.#areNumbersKnown ? this.#raw(value) : this.#object(value, '');
        behind.push(`${JSON.stringify(name)}:${text}`);
      } else behind.push(...this.#member(property, value));
    }
    const told = this.#form.metadata === 'full' && known !== undefined ? this.#typeAndLinks(node, type) : [];
    return `{${[...before, ...told, ...behind].join(',')}}`;
  }

  #member(property: PropertyModel, value: JsonNode): string[] {
    const type = this.#form.metadata === 'full' ? typeToTell(property, value) : undefined;
    return [
      ...(type === undefined ? [] : [`"${property.name}@odata.type":"${type}"`]),
      `"${property.name}":${this.#value(property, value)}`,
    ];
  }

  #value(property: PropertyModel, node: JsonNode): string {
    if (node.type === 'array') return `[${node.items.map((item) => this.#value(property, item)).join(',')}]`;
    if (node.type === 'object') return this.#object(node, property.type);
    return property.type === 'Edm.Decimal' && node.type === 'number' ? this.#number(node) : this.#raw(node);
  }

  #annotation(name: string, value: JsonNode): string[] {
    if (this.#form.metadata === 'none' && name.includes('@odata.') && !kept.has(name)) return [];
    return [`${JSON.stringify(name)}:${name === '@odata.count' ? this.#number(value) : this.#raw(value)}`];
  }

  #number(node: JsonNode): string {
    return this.#form.isIeee754Compatible ? `"${this.#raw(node)}"` : this.#raw(node);
  }

  /** What `full` says of an object: its type and, of a referral, where it is. */
  #typeAndLinks(node: JsonNode, type: string): string[] {
    const own = `"@odata.type":"#${model.namespace}.${type}"`;
    const textOf = (member: string) => node.members.find(({ name }) => name === member)?.value;
    const [id, eTag] = [textOf('id'), textOf('eTag')];
    if (types.get(type)?.key === undefined) return [own];
    const place = typeof id?.value === 'string' ? `"${this.#collection}/${id.value}"` : undefined;
    return [
      own,
      ...(place === undefined ? [] : [`"@odata.id":${place}`]),
      ...(eTag === undefined ? [] : [`"@odata.etag":${this.#raw(eTag)}`]),
      ...(place === undefined ? [] : [`"@odata.editLink":${place}`]),
    ];
  }

  #raw({ offset, length }: JsonNode): string {
    return this.#text.slice(offset, offset + length);
  }
}

/** The type of a value, where JSON does not show it (section 4.5.3): texts, flags and objects show theirs. */
function typeToTell({ type, isCollection }: PropertyModel, { type: form }: JsonNode): string | undefined {
  if (form === 'null') return undefined;
  const isOurs = types.has(type) || enumerations.has(type);
  if (isCollection) return `#Collection(${isOurs ? `${model.namespace}.${type}` : type.slice('Edm.'.length)})`;
  if (enumerations.has(type)) return `#${model.namespace}.${type}`;
  if (isOurs || type === 'Edm.String' || type === 'Edm.Boolean') return undefined;
  return `#${type.slice('Edm.'.length)}`;
}
