"""Classifies a folder of pictures with tritonclient[http]: triton_folder_to_csv.py localhost:9999 FOLDER > result.csv"""
import csv, pathlib, sys
import numpy, tritonclient.http as triton

server, folder = sys.argv[1:3]
client = triton.InferenceServerClient(server)
table = csv.writer(sys.stdout)
table.writerow(["file", "label", "probability"])
for path in sorted(pathlib.Path(folder).iterdir()):
    if not path.is_file():
        continue
    image = triton.InferInput("image", [1], "BYTES")
    image.set_data_from_numpy(numpy.array([path.read_bytes()], dtype=object))
    best = triton.InferRequestedOutput("probabilities", class_count=1)
    try:
        answer = client.infer("squeezenet1_1", [image], outputs=[best])
        probability, _, label = answer.as_numpy("probabilities").flatten()[0].decode().split(":", 2)
        table.writerow([path.name, label, probability])
    except triton.InferenceServerException as error:
        print(f"{path.name}: {error.message()}", file=sys.stderr)
