export function startWorkbook(): void {}
