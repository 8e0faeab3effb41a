/** Letters of either case are one; both sides of every comparison of e-mail addresses come through here. */
export function foldEmail(email: string): string {
  return email.toLowerCase();
}
