from .addressee import Addressee as Addressee
from .delivery_list import read_recipients as read_recipients
