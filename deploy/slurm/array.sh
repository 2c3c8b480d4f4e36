#!/usr/bin/env bash
# One task of a Slurm array plays one shard of a run. Submit it from a folder that all nodes share:
#
#   sbatch --parsable --array=1-8 deploy/slurm/array.sh FOLDER [OPTION…]
#
# It writes FOLDER/K.json. The options are those of `mfa-conformance run`. Each node needs the program in its PATH, or
# the variable MFA_CONFORMANCE with its path.
#SBATCH --job-name=mfa-conformance
#SBATCH --cpus-per-task=1
set -euo pipefail
folder=${1:?give the folder of the reports}
shift
code=0
"${MFA_CONFORMANCE:-mfa-conformance}" run --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
    --report "json=$folder/$SLURM_ARRAY_TASK_ID.json" "$@" || code=$?
# The merged report gives the verdict. A shard with findings (1) or with too few tests (3) has done its work.
case $code in 0 | 1 | 3) ;; *) exit "$code" ;; esac
