import type { RJSFSchema, ValidatorType } from "@rjsf/utils";
import type { ParamSchema } from "#server/core/flow/spec.ts";
import { fits } from "./param-issues.ts";

/**
 * The form asks it only which branch of `anyOf`/`oneOf` a value belongs to. Its usual validator
 * compiles schemas with `eval`, which the pages' security policy forbids.
 */
export const rjsfValidator: ValidatorType<unknown, RJSFSchema> = {
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  isValid: (schema, value) => fits(schema as ParamSchema, value),
  rawValidation: () => ({}),
};
