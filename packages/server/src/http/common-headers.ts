import type { IncomingHttpHeaders } from 'node:http';

/** The gateway's diagnostics header: a constant, because there is no gateway here (decision 23). */
const diagnostic = '{"ServerInfo":{"DataCenter":"Cosell","Slice":"1","Ring":"1","ScaleUnit":"1","RoleInstance":"1"}}';

/** Headers by which a client follows its own requests, with the spelling of the answer. */
const echoed = [
  ['client-request-id', 'client-request-id'],
  ['ms-correlationid', 'MS-CorrelationId'],
  ['ms-requestid', 'MS-RequestId'],
] as const;

const printable = /^[\x20-\x7e]{1,128}$/;

/** Headers that every answer has, names and values in turn: facts §3.2, decision 23. */
export function commonHeaders(requestId: string, receivedAtMs: number, asked: IncomingHttpHeaders): string[] {
  const headers = [
    'request-id',
    requestId,
    'timestamp',
    httpDate(receivedAtMs),
    'x-ms-ags-diagnostic',
    diagnostic,
    'OData-Version',
    '4.0',
    'Cache-Control',
    'private, no-cache',
    'Vary',
    'Authorization',
  ];
  for (const [name, spelling] of echoed) {
    const value = asked[name];
    if (typeof value === 'string' && printable.test(value)) headers.push(spelling, value);
  }
  return headers;
}

let dateSecond = -1;
let dateText = '';

/** IMF-fixdate (RFC 9110, section 5.6.7); it changes once a second and is made as often. */
function httpDate(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}

/** Says that another value of a request's header would have another answer; `headers` are names and values in turn. */
export function varyBy(headers: string[], name: string): void {
  const at = headers.indexOf('Vary') + 1;
  headers[at] = `${headers[at]}, ${name}`;
}
