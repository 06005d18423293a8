/** What a person has signed in with. It lives in the memory of this page alone. */
export interface Token {
  readonly value: string;
  /** By the browser's clock. */
  readonly expiresAt: number;
}
