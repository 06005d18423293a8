export interface Difference { readonly operation: string; readonly rule: string; readonly moto: unknown; readonly fact: string; readonly source: string }
export const differences: readonly Difference[] = [];
