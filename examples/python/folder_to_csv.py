"""Classifies a folder of pictures: folder_to_csv.py http://localhost:9999 FOLDER > result.csv"""
import csv, json, pathlib, sys, urllib.error, urllib.request

server, folder = sys.argv[1:3]
table = csv.writer(sys.stdout)
table.writerow(["file", "label", "probability"])
for path in sorted(pathlib.Path(folder).iterdir()):
    request = urllib.request.Request(server + "/api/classify?top=1", path.read_bytes(),
                                     {"Content-Type": "application/octet-stream"})
    try:
        with urllib.request.urlopen(request) as response:
            best = json.load(response)["predictions"][0]
        table.writerow([path.name, best["label"], best["probability"]])
    except urllib.error.HTTPError as error:
        print(f"{path.name}: {json.load(error)['detail']}", file=sys.stderr)
