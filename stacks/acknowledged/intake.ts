import { allowedRanges, type IntakeConfig } from "#grid/config/intake.ts";
import type { Finding } from "./finding.ts";

/** Of an intake that every address may connect to; one that is narrower has none. */
export const intakeFindings = (intake: IntakeConfig | undefined): readonly Finding[] =>
  intake !== undefined && allowedRanges(intake).includes("0.0.0.0/0")
    ? [
        {
          path: "Intake/FrontDoor/Connections/Resource",
          rule: "EC23",
          reason:
            "The config lets every address connect: 80 only redirects, and behind 443 stand a web firewall with a rate for each address and an issuer's tokens.",
        },
      ]
    : [];
