const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A subject as it is stored and compared: Entra writes a GUID in either case; any other means what it says. */
export function foldSubject(subject: string): string {
  return guid.test(subject) ? subject.toLowerCase() : subject;
}
