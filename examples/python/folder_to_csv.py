"""Classifies a folder of pictures: folder_to_csv.py http://localhost:9999 FOLDER > result.csv"""
import csv, json, pathlib, sys, urllib.error, urllib.request


def reason(error):
    try:
        return json.load(error)["detail"]
    except (ValueError, KeyError, TypeError):  # A proxy's page.
        return f"{error.code} {error.reason}"


server, folder = sys.argv[1:3]
table = csv.writer(sys.stdout)
table.writerow(["file", "label", "probability"])
for path in sorted(pathlib.Path(folder).iterdir()):
    if not path.is_file():
        continue
    request = urllib.request.Request(server + "/api/classify?top=1", path.read_bytes(),
                                     {"Content-Type": "application/octet-stream"})
    try:
        with urllib.request.urlopen(request) as response:
            best = json.load(response)["predictions"][0]
        table.writerow([path.name, best["label"], best["probability"]])
    except urllib.error.HTTPError as error:
        print(f"{path.name}: {reason(error)}", file=sys.stderr)
