#!/usr/bin/env bash
# Merges the reports of an array, once all its tasks succeeded. It ends with the exit code of the whole run.
#
#   sbatch --dependency=afterok:JOB deploy/slurm/merge.sh FOLDER
#SBATCH --job-name=mfa-conformance-merge
set -euo pipefail
folder=${1:?give the folder of the reports}
exec "${MFA_CONFORMANCE:-mfa-conformance}" report "$folder"/[0-9]*.json --format json --output "$folder/report.json" --check
