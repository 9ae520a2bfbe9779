"""An ONNX classifier for worker.py, with onnxruntime, numpy and Pillow: worker.py 8888 onnx_model, where the environment has
MODEL=model.onnx and LABELS=labels.txt. For PyTorch, put the module's call in the place of session.run."""
import io, os
import numpy, onnxruntime
from PIL import Image

session = onnxruntime.InferenceSession(os.environ["MODEL"])
labels = [line.strip().replace(",", "").replace(":", "") for line in open(os.environ["LABELS"], encoding="utf-8")]
mean, std = numpy.float32([0.485, 0.456, 0.406]), numpy.float32([0.229, 0.224, 0.225])


def classify(picture):
    try:
        image = Image.open(io.BytesIO(picture)).convert("RGB").resize((224, 224))
    except Exception as error:  # Pillow has several for a picture that it refuses.
        raise ValueError from error
    tensor = ((numpy.float32(image) / 255 - mean) / std).transpose(2, 0, 1)[None]
    logits = session.run(None, {session.get_inputs()[0].name: tensor})[0][0]
    powers = numpy.exp(logits - logits.max())
    best = powers.argsort()[::-1][:5]
    return [(labels[index], float(powers[index] / powers.sum())) for index in best]
