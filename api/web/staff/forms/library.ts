/** What tests ask of the forms without a page. */

export * from "./masses.ts";
