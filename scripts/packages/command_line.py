"""`scripts/package`: builds modules/<module>/package.zip, checks the committed ones, or uploads them to S3."""

import argparse
import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from packages.archive import differences, zipped
from packages.assemble import assemble
from packages.sources import PackageError
from packages.upload import as_hcl, check_prefix, s3_client, upload

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Builds or checks the packages and returns the exit status."""
    options = _options(arguments)
    try:
        packages = assemble(options.root, options.module)
        if options.check:
            return _check(options.root, packages, options.module)
        if options.bucket:
            _upload(packages, options.bucket, options.prefix, options.region)
            return 0
        _build(options.root, packages)
    except (PackageError, OSError) as error:
        print(f"scripts/package: {error}", file=sys.stderr)
        return 1
    return 0


def _check(root: Path, packages: Mapping[str, Mapping[str, bytes]], only: str | None) -> int:
    """Compares with the committed zips, and writes nothing."""
    stale = 0
    for module, files in packages.items():
        path = root / "modules" / module / "package.zip"
        committed = path.read_bytes() if path.exists() else None
        if committed != zipped(files):
            stale += 1
            print(f"stale: modules/{module}/package.zip", file=sys.stderr)
            for line in differences(committed, files):
                print(f"  {line}", file=sys.stderr)
    for path in sorted(root.glob("modules/*/package.zip")) if only is None else []:
        if path.parent.name not in packages:
            stale += 1
            print(f"stale: modules/{path.parent.name}/package.zip\n  without sources", file=sys.stderr)
    if stale:
        print("Run scripts/package and commit the result.", file=sys.stderr)
        return 1
    print(f"{len(packages)} packages are up to date.")
    return 0


def _build(root: Path, packages: Mapping[str, Mapping[str, bytes]]) -> None:
    """Writes the zips that differ. Each appears complete or not at all."""
    for module, files in packages.items():
        data = zipped(files)
        path = root / "modules" / module / "package.zip"
        same = path.exists() and path.read_bytes() == data
        if not same:
            part = path.with_name("package.zip.partial")
            part.write_bytes(data)
            part.replace(path)
        state = "unchanged" if same else "built"
        digest = hashlib.sha256(data).hexdigest()
        print(f"{state:9}  modules/{module}/package.zip  {len(files)} files  {len(data):,} bytes  sha256 {digest}")


def _upload(packages: Mapping[str, Mapping[str, bytes]], bucket: str, prefix: str, region: str | None) -> None:
    """Uploads all packages and prints the HCL. Nothing else goes to standard output, so that it can be a file."""
    s3, folder = s3_client(region), check_prefix(prefix)
    uploaded = {}
    for module, files in packages.items():
        one = uploaded[module] = upload(s3, bucket, folder, module, zipped(files))
        print(f"{'uploaded' if one.is_new else 'unchanged':9}  s3://{one.bucket}/{one.key}", file=sys.stderr)
    print(as_hcl(uploaded))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/package",
        description="Builds modules/<module>/package.zip from functions/<module>/ and functions/relay/, "
        "or uploads the same bytes to a versioned bucket and prints the HCL that uses them.",
        epilog="scripts/package --bucket my-packages --prefix relay > packages.auto.tfvars",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="write nothing; exit 1 and name the zips that are stale")
    what.add_argument(
        "--bucket", help="upload to this versioned bucket, in the region of the functions, and write nothing here"
    )
    parser.add_argument("--prefix", default="", help="folder of the keys in the bucket, for example relay/packages")
    parser.add_argument("--region", help="region of the bucket (default: that of the AWS profile)")
    parser.add_argument("--module", help="build or check only this one, for example scheduler")
    parser.add_argument(
        "--root",
        type=Path,
        default=ROOT,
        help="folder that holds functions/ and modules/ (default: this clone)",
    )
    options = parser.parse_args(arguments)
    if (options.prefix or options.region) and not options.bucket:
        parser.error("--prefix and --region can only be used together with --bucket")
    return options
