/** Unicode characters that a password has at least (NIST SP 800-63B, section 3.1.1.2, asks for more than eight). */
export const leastCharacters = 12;
/** Bytes of UTF-8 that one has at most: what is longer is no password, and its hash takes our time. */
export const mostBytes = 1_024;

/** What can be wrong with a password. */
export type PasswordFault = 'tooShort' | 'tooLong' | 'isName' | 'tooCommon';

/**
 * Passwords of twelve characters and more that stand at the top of every list of leaked ones, in the form that they are
 * compared in. A list of millions belongs to whoever runs the exchange; these are what people type when they are told
 * "twelve".
 */
const common: ReadonlySet<string> = new Set(
  `
  123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 123456789123 123123123123
  111111111111 000000000000 121212121212 112233445566 987654321098 098765432109 qwertyuiop12 qwertyuiop123
  qwertyuiop1234 qwertyuiopasdf qwertyuiopasdfgh qwertyqwerty qwerty123456 qwerty1234567 qwerty12345678
  qwerty123456789 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv qazwsxedcrfv asdfghjklasdf
  asdfghjkl123 zxcvbnm12345 password1234 password12345 password123456 password123! password1234!
  passwordpassword passw0rd1234 p@ssw0rd1234 p@ssword1234 mypassword123 changemenow1 changeme1234 changeme12345
  letmein12345 letmeinletmein welcome12345 welcome123456 welcome2023! welcome2024! welcome2025! administrator
  administrator1 admin1234567 admin12345678 adminadmin123 rootrootroot trustno1trustno1 iloveyou1234
  iloveyou12345 iloveyouiloveyou abc123abc123 abcd12345678 abcdef123456 abcdefghijkl abcdefghijklm
  abcdefghijklmnopqrstuvwxyz aaaaaaaaaaaa football1234 baseball1234 superman1234 sunshine1234 princess1234
  liverpool123 galatasaray1905 fenerbahce1907 besiktas1903 correcthorsebatterystaple sifre1234567 parola123456
  istanbul1234
`
    .trim()
    .split(/\s+/),
);

/**
 * A password in the form in which it is hashed and compared: NFKC, so that the same keys on another machine give the same
 * password (RFC 8265, section 4.2, in its spirit: nothing is refused for its characters).
 */
export function normalizedPassword(password: string): string {
  return password.normalize('NFKC');
}

/** Everything that is wrong with a password that somebody wants; there are no rules of composition. */
export function passwordFaults(
  password: string,
  user: { readonly name: string; readonly email: string },
): PasswordFault[] {
  const text = normalizedPassword(password);
  const folded = text.toLowerCase();
  const names = [user.name, user.email, user.email.split('@')[0] ?? ''].map((name) =>
    normalizedPassword(name).toLowerCase(),
  );
  const faults: PasswordFault[] = [];
  if ([...text].length < leastCharacters) faults.push('tooShort');
  if (isTooLong(password)) faults.push('tooLong');
  if (names.some((name) => name !== '' && (folded === name || isRepeated(folded, name)))) faults.push('isName');
  if (common.has(folded) || new Set(folded).size < 4) faults.push('tooCommon');
  return faults;
}

/** Whether a password has more bytes than any that was ever taken. */
export function isTooLong(password: string): boolean {
  return Buffer.byteLength(password) > mostBytes || Buffer.byteLength(normalizedPassword(password)) > mostBytes;
}

/** Whether a text is a name again and again. */
function isRepeated(text: string, name: string): boolean {
  return text !== '' && text.length % name.length === 0 && text === name.repeat(text.length / name.length);
}
