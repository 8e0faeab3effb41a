import { type Fault, type JsonNode, parseJson, pointerStep } from '@cosell/model';
import { foldName, nearestNames } from '@cosell/odata';
import { faultAt, invalidBody, mostDetails } from '../../domain/refusals.ts';
import { decodeUtf8, placed } from '../body.ts';
import { type Condition, idsIn, readCondition } from './batch-condition.ts';

/** Requests that a batch has at most. */
export const mostRequests = 100;

/** Each request and each group, once. */
const mostDependencies = 2 * mostRequests;

/** The methods that a request of a batch can have (OData JSON Format 4.01, section 19.1). */
export const methods = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];

/** The body of a request: JSON as it stands in the batch, or bytes. */
export type ItemBody =
  | { readonly kind: 'json'; readonly node: JsonNode }
  | { readonly kind: 'bytes'; readonly bytes: Buffer };

/** A request of a batch, as its client wrote it. */
export interface BatchItem {
  readonly id: string;
  /** The pointer of the request in the batch. */
  readonly pointer: string;
  /** Where it begins in the text. */
  readonly offset: number;
  readonly method: string;
  readonly url: string;
  readonly group: string | undefined;
  /** Ids of requests and groups. */
  readonly dependsOn: readonly string[];
  /** When it is to be done; where it cannot be read, its text. */
  readonly condition: Condition | { readonly kind: 'unread'; readonly text: string } | undefined;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ItemBody | undefined;
}

/** The requests of a batch, and what is wrong with each of them. */
export interface ReadRequests {
  readonly text: string;
  readonly items: readonly BatchItem[];
  readonly faults: readonly Fault[];
}

/**
 * Reads the requests of a batch (OData JSON Format 4.01, section 19.1).
 *
 * @throws Failure `invalidBody` where the text is not JSON
 */
export function readRequests(body: Buffer): ReadRequests {
  const text = decodeUtf8(body);
  if (text === undefined) throw invalidBody([faultAt('invalidJson', '', 'The body is not UTF-8.')]);
  const parsed = parseJson(text);
  if ('faults' in parsed) throw invalidBody(parsed.faults.map((fault) => placed({ pointer: '', ...fault }, text)));
  const reader = new RequestReader();
  const items = reader.read(parsed.root);
  return { text, items, faults: reader.faults };
}

/** What an id is made of: the rule `request-id` of the OData ABNF. */
const idForm = /^[\w.~-]{1,128}$/;
/** A header's name and value (RFC 9110, section 5). */
const headerName = /^[!#$%&'*+.^`|~\w-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers that a request of a batch must not have (OData Protocol 4.01, section 11.7.7.1): those of the batch hold. */
const headersOfTheBatch = new Set([
  'authorization',
  'proxy-authorization',
  'expect',
  'from',
  'max-forwards',
  'range',
  'te',
]);
/** Headers that say how a message is sent, and a request of a batch is none. */
const headersOfMessages = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'host']);

type Members = ReadonlyMap<string, JsonNode>;

class RequestReader {
  readonly faults: Fault[] = [];

  read(root: JsonNode): BatchItem[] {
    const members = this.#members(root, '', ['requests']);
    const requests = members?.get('requests');
    if (members === undefined) return [];
    if (requests?.type !== 'array') {
      const code = requests === undefined ? 'missingMember' : 'wrongType';
      this.#report(code, '/requests', requests ?? root, 'Write the list of requests here.');
      return [];
    }
    if (requests.items.length > mostRequests) {
      const message = `A batch has at most ${mostRequests} requests, and this one has ${requests.items.length}.`;
      this.#report('tooManyItems', '/requests', requests, message);
      return [];
    }
    return requests.items.flatMap((node, index) => this.#readItem(node, `/requests/${index}`) ?? []);
  }

  #readItem(node: JsonNode, pointer: string): BatchItem | undefined {
    const known = ['id', 'method', 'url', 'atomicityGroup', 'dependsOn', 'if', 'headers', 'body'];
    const members = this.#members(node, pointer, known);
    if (members === undefined) return undefined;
    const id = this.#id(members, 'id', pointer, node);
    const given = this.#text(members, 'method', pointer, node)?.toUpperCase();
    const method = given ?? '';
    if (given !== undefined && !methods.includes(given)) {
      this.#report(
        'valueNotAllowed',
        `${pointer}/method`,
        members.get('method'),
        `Write one of ${methods.join(', ')}.`,
      );
    }
    const url = this.#text(members, 'url', pointer, node);
    if (url === '') this.#report('valueNotAllowed', `${pointer}/url`, members.get('url'), 'Write a URL here.');
    const group = members.has('atomicityGroup') ? this.#id(members, 'atomicityGroup', pointer, node) : undefined;
    const dependsOn = this.#dependsOn(members.get('dependsOn'), `${pointer}/dependsOn`);
    const condition = this.#condition(members, pointer, node);
    const headers = this.#headers(members.get('headers'), `${pointer}/headers`);
    const body = this.#body(members.get('body'), `${pointer}/body`, headers['content-type'], method);
    // Nothing can refer to what has no id.
    return {
      id: id ?? pointer,
      pointer,
      offset: node.offset,
      method,
      url: url ?? '',
      group,
      dependsOn,
      condition,
      headers,
      body,
    };
  }

  /** The members of an object; annotations are passed over. */
  #members(node: JsonNode, pointer: string, known: readonly string[]): Members | undefined {
    if (node.type !== 'object') {
      this.#report('wrongType', pointer, node, 'Write an object here.');
      return undefined;
    }
    for (const { name, value } of node.members) {
      if (known.includes(name) || name.includes('@')) continue;
      const shown = name.slice(0, 128);
      // Names are compared for those faults only that are told.
      const [nearest] = this.faults.length < mostDetails ? nearestNames(shown, known) : [];
      const advice = nearest === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean "${nearest}"?`;
      this.#report('unknownMember', pointer + pointerStep(shown), value, `There is no such member here. ${advice}`);
    }
    return new Map(node.members.map(({ name, value }) => [name, value]));
  }

  #text(members: Members, name: string, pointer: string, owner: JsonNode): string | undefined {
    const node = members.get(name);
    if (node?.type === 'string') return String(node.value);
    const place = `${pointer}/${name}`;
    if (node === undefined) this.#report('missingMember', place, owner, `"${name}" is required.`);
    else this.#report('wrongType', place, node, 'Write a text here.');
    return undefined;
  }

  #id(members: Members, name: string, pointer: string, owner: JsonNode): string | undefined {
    const id = this.#text(members, name, pointer, owner);
    if (id === undefined || idForm.test(id)) return id;
    const message = 'Write 1 to 128 letters, digits or any of - . _ ~ here.';
    this.#report('valueNotAllowed', `${pointer}/${name}`, members.get(name), message);
    return undefined;
  }

  #dependsOn(node: JsonNode | undefined, pointer: string): string[] {
    if (node === undefined) return [];
    if (node.type === 'array' && node.items.length > mostDependencies) {
      this.#report('tooManyItems', pointer, node, `At most ${mostDependencies} ids can stand here.`);
      return [];
    }
    if (node.type === 'array' && node.items.every(({ type }) => type === 'string')) {
      return node.items.map(({ value }) => String(value));
    }
    this.#report('wrongType', pointer, node, 'Write a list of ids here.');
    return [];
  }

  #condition(members: Members, pointer: string, owner: JsonNode): BatchItem['condition'] {
    if (!members.has('if')) return undefined;
    const text = this.#text(members, 'if', pointer, owner);
    if (text === undefined) return undefined;
    return readCondition(text) ?? { kind: 'unread', text };
  }

  #headers(node: JsonNode | undefined, pointer: string): Readonly<Record<string, string>> {
    const headers: Record<string, string> = Object.create(null);
    if (node === undefined || node.type === 'null') return headers;
    if (node.type !== 'object') {
      this.#report('wrongType', pointer, node, 'Write an object here.');
      return headers;
    }
    for (const { name, value } of node.members) {
      const folded = foldName(name);
      const place = pointer + pointerStep(name.slice(0, 128));
      if (!headerName.test(name) || headersOfTheBatch.has(folded)) {
        const message = headerName.test(name)
          ? 'Leave this header out; that of the batch holds for its requests.'
          : 'This is no name of a header.';
        this.#report('valueNotAllowed', place, value, message);
      } else if (value.type !== 'string') this.#report('wrongType', place, value, 'Write a text here.');
      else if (!headerValue.test(String(value.value))) {
        this.#report('valueNotAllowed', place, value, 'A header holds no line breaks, and no letters beyond Latin-1.');
      } else if (folded in headers) {
        this.#report(
          'duplicateMember',
          place,
          value,
          `The header "${folded.slice(0, 128)}" stands here twice; keep one of them.`,
        );
      } else if (!headersOfMessages.has(folded)) headers[folded] = String(value.value).trim();
    }
    return headers;
  }

  /** JSON for JSON, text for text, base64url for all else. Without a type it is JSON, as in a request of its own. */
  #body(node: JsonNode | undefined, pointer: string, type: string | undefined, method: string): ItemBody | undefined {
    if (node === undefined || node.type === 'null') return undefined;
    if (method === 'GET' || method === 'DELETE') {
      this.#report('valueNotAllowed', pointer, node, `A request with ${method} has no body; leave it out.`);
      return undefined;
    }
    const media =
      foldName(type ?? '')
        .split(/[;,]/, 1)[0]
        ?.trim() ?? '';
    if (media === '' || /^application\/(json|[\w.-]+\+json)$/.test(media)) return { kind: 'json', node };
    const isText = media.startsWith('text/');
    if (node.type === 'string') {
      const value = String(node.value);
      if (isText) return { kind: 'bytes', bytes: Buffer.from(value) };
      if (/^[\w-]*={0,2}$/.test(value)) return { kind: 'bytes', bytes: Buffer.from(value, 'base64url') };
    }
    // Clients that call JSON a text write it as JSON (decision 23).
    if (media === 'text/json') return { kind: 'json', node };
    const wanted = isText ? 'the text' : 'the bytes in base64url';
    this.#report('wrongType', pointer, node, `Write ${wanted} of the ${media.slice(0, 128)} here.`);
    return undefined;
  }

  #report(code: Fault['code'], pointer: string, node: JsonNode | undefined, message: string): void {
    this.faults.push({ code, pointer, message, offset: node?.offset ?? 0 });
  }
}

/** The ids that the condition of a request asks about. */
export function conditionIds({ condition }: BatchItem): string[] {
  return condition === undefined || condition.kind === 'unread' ? [] : idsIn(condition);
}
